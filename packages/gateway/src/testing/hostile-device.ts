import { createServer, type Socket } from "node:net";
import { adu } from "./client.ts";

/** A device of unit 9 that does everything wrong now and then, and remembers what it was asked. */
export interface HostileDevice {
  readonly port: number;
  /** The PDU of every request, hex. */
  readonly reached: readonly string[];
  /** What should never have come. */
  readonly faults: readonly string[];
  close(): void;
}

type Mood = "answer" | "exception" | "lie" | "late" | "silent" | "reset" | "end" | "stray" | "garbage" | "slice";
/** What ends the connection makes the gateway leave the device alone for a while: seldom, or little would reach it. */
const moods: readonly Mood[] = [
  ...Array<Mood>(300).fill("answer"),
  ...(["exception", "lie", "late", "end", "stray", "slice"] as const).flatMap((mood) => Array<Mood>(8).fill(mood)),
  "silent",
  "reset",
  "garbage",
];

function answerOf(pdu: Buffer): string {
  // A read answers with its own address, so that a reply which goes astray is seen.
  if (pdu[0] === 3) return `03 02 ${pdu.subarray(1, 3).toString("hex")}`;
  return pdu.toString("hex");
}

function behave(socket: Socket, request: Buffer, mood: Mood): void {
  const transaction = request.readUInt16BE(0);
  const pdu = request.subarray(7);
  const honest = adu(transaction, 9, answerOf(pdu));
  const write = (bytes: Buffer): void => {
    if (!socket.destroyed) socket.write(bytes);
  };
  switch (mood) {
    case "answer":
      write(honest);
      break;
    case "exception":
      write(adu(transaction, 9, `${((pdu[0] ?? 0) | 0x80).toString(16).padStart(2, "0")} 02`));
      break;
    case "lie":
      write(adu(transaction, 9, "04 02 6666"));
      break;
    case "late":
      setTimeout(() => write(honest), 120);
      break;
    case "silent":
      break;
    case "reset":
      socket.resetAndDestroy();
      break;
    case "end":
      socket.end(honest);
      break;
    case "stray":
      write(Buffer.concat([adu((transaction + 77) & 0xffff, 9, "03 02 6666"), honest, honest]));
      break;
    case "garbage":
      write(Buffer.from("0001beef0006", "hex"));
      break;
    case "slice":
      write(honest.subarray(0, 4));
      setTimeout(() => write(honest.subarray(4)), 5);
  }
}

/** `next` decides its mood at every request. */
export async function hostileDevice(next: () => number): Promise<HostileDevice> {
  const reached: string[] = [];
  const faults: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      // Requests whose predecessor timed out may arrive together.
      for (let at = 0; at < chunk.length; at += 12) {
        const request = chunk.subarray(at, at + 12);
        const asked = request.length === 12 && request.readUInt16BE(4) === 6 && [3, 6].includes(request[7] ?? 0);
        if (!asked) faults.push(`nobody may ask ${request.toString("hex")}`);
        reached.push(request.subarray(7).toString("hex"));
        behave(socket, request, moods[next() % moods.length] ?? "answer");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { port, reached, faults, close: () => server.close() };
}
