import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ClientSocket } from "./client-socket.ts";
import { defaultLimits } from "./configuration.ts";
import { Slot } from "./slot.ts";

let server: Server | undefined;
let peer: Socket | undefined;
afterEach(() => {
  peer?.destroy();
  server?.close();
});

/** The gateway's end of a connection whose other end does not read. */
async function unreadConnection(): Promise<Socket> {
  const listening = createServer();
  server = listening;
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  const accepted = once(listening, "connection") as Promise<[Socket]>;
  peer = connect({ host: "127.0.0.1", port: address !== null && typeof address === "object" ? address.port : 0 });
  peer.pause();
  const [socket] = await accepted;
  return socket;
}

const REPLIES = 50_000;

describe("a client that is left with replies still on their way", () => {
  it("gets all of them before the end, when it reads at last", async () => {
    const socket = await unreadConnection();
    const client = new ClientSocket(socket, { ...defaultLimits, frameTimeoutMs: 100 });
    const slot = new Slot(0);
    slot.replyBytes = 260;
    client.write(Array<Slot>(REPLIES).fill(slot));
    // More than the kernel holds: some of it is still here.
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(client.unread(5)).toBe(true);
    client.leave(1_000);
    expect(client.lingers(1_100)).toBe(false);
    expect(client.lingers(1_101)).toBe(true);
    let received = 0;
    peer!.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    peer!.resume();
    await once(peer!, "end");
    expect(received).toBe(260 * REPLIES);
    await expect.poll(() => socket.destroyed).toBe(true);
  });
});
