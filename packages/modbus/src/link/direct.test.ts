import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type DirectSocket, direct, writeNow } from "./direct.ts";

const open: { destroy(): void }[] = [];

/** Both ends of a connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [[Socket], unknown];
  server.close();
  open.push(near, far);
  return { near, far };
}

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

function moved(socket: Socket, received: (chunk: Uint8Array) => void = () => undefined): DirectSocket {
  const result = direct(socket, received);
  expect(result).toBeDefined();
  open.push(result!.socket);
  return result!;
}

describe("a socket that was moved", () => {
  test("reads nothing before it is told to, then everything that waits, and hears the end", async () => {
    const { near, far } = await pair();
    let text = "";
    const { socket } = moved(far, (chunk) => {
      text += new TextDecoder().decode(chunk);
    });
    near.end("hello");
    await once(near, "finish");
    expect(text).toBe("");
    socket.read(0);
    await once(socket, "end");
    expect(text).toBe("hello");
    expect(socket.writable).toBe(true);
  });

  test("pausing right after the start holds, however many turns of the loop pass", async () => {
    const { near, far } = await pair();
    const chunks: number[] = [];
    const { socket } = moved(far, (chunk) => chunks.push(chunk.length));
    socket.read(0);
    socket.pause();
    near.write("hello");
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(chunks).toEqual([]);
    socket.resume();
    while (chunks.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(chunks).toEqual([5]);
  });

  test("writes at once what the system takes, and no more", async () => {
    const { near, far } = await pair();
    const { socket, descriptor } = moved(far);
    const piece = new Uint8Array(65_536).fill(1);
    near.pause();
    let written = 0;
    for (;;) {
      const count = writeNow(descriptor, piece, 0, piece.length);
      written += count;
      if (count < piece.length) break;
    }
    expect(writeNow(descriptor, piece, 0, piece.length)).toBe(0);
    expect(socket.writableLength).toBe(0);
    let read = 0;
    near.on("data", (chunk) => {
      read += chunk.length;
    });
    near.resume();
    while (read < written) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBe(written);
  });

  test("ends the socket that it came from with its own end", async () => {
    const { far } = await pair();
    const { socket } = moved(far);
    socket.destroy();
    await once(far, "close");
    expect(far.destroyed).toBe(true);
  });
});

describe("a socket stays as it is", () => {
  test("when it is encrypted: below it, everything has to be", async () => {
    const { near } = await pair();
    const encrypted = new TLSSocket(near);
    open.push(encrypted);
    expect(direct(encrypted, () => undefined)).toBeUndefined();
  });

  test("when bytes of it were read already", async () => {
    const { near, far } = await pair();
    near.write("early");
    while (far.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(direct(far, () => undefined)).toBeUndefined();
    expect(String(far.read())).toBe("early");
  });

  test("when it is not connected, or not any more", async () => {
    const { far } = await pair();
    expect(direct(new Socket(), () => undefined)).toBeUndefined();
    far.destroy();
    expect(direct(far, () => undefined)).toBeUndefined();
  });

  test("when its handle is not the one that is known", async () => {
    const { far } = await pair();
    const holder = far as unknown as { _handle: object | null };
    const handle = holder._handle;
    for (const unknown of [null, {}, { fd: 7 }, { fd: -1, useUserBuffer: () => undefined }]) {
      holder._handle = unknown;
      expect(direct(far, () => undefined)).toBeUndefined();
      expect(holder._handle).toBe(unknown);
    }
    holder._handle = handle;
  });
});
