/**
 * Asks for what is refused, so many times a second, on several connections and without waiting for answers, until it is
 * told to stop; then says how many were answered. Arguments: port, source address, requests a second, connections.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setPriority } from "node:os";

const [port = 0, , rate = 0, connections = 1] = process.argv.slice(2).map(Number);
const localAddress = process.argv[3] ?? "";
const OTHERS_PRIORITY = 10;
const TICK_MS = 5;
/** Bytes that one connection has not been able to send. */
const MOST_UNSENT = 64 * 1024;
/** Writes register 16 of unit 1. */
const REQUEST: Buffer = Buffer.from("000100000006" + "01" + "06" + "0010" + "0001", "hex");
/** MBAP header, function, exception code. */
const REPLY_BYTES = 9;

setPriority(OTHERS_PRIORITY);
let received = 0;
let failed = 0;
const sockets: Socket[] = [];
for (let index = 0; index < connections; index += 1) {
  const socket = createConnection({ host: "127.0.0.1", port, localAddress, noDelay: true });
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    failed += 1;
  });
  await once(socket, "connect");
  sockets.push(socket);
}
let sent = 0;
const began = performance.now();
const tick = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1000) * rate);
  const each = Math.ceil((due - sent) / sockets.length);
  for (const socket of sockets) {
    const count = Math.min(each, due - sent, Math.floor((MOST_UNSENT - socket.writableLength) / REQUEST.length));
    if (count <= 0 || socket.destroyed) continue;
    socket.write(Buffer.alloc(count * REQUEST.length, REQUEST));
    sent += count;
  }
}, TICK_MS);
process.on("message", () => {
  clearInterval(tick);
  process.send?.({ count: Math.floor(received / REPLY_BYTES), failed, seconds: (performance.now() - began) / 1000 });
});
process.send?.("started");
