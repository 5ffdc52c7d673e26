/**
 * Opens connections that are refused, so many a second, until it is told to stop; then says how many were. Arguments:
 * port, source address, connections a second.
 */
import { createConnection } from "node:net";
import { setPriority } from "node:os";

const [port = 0, , rate = 0] = process.argv.slice(2).map(Number);
const localAddress = process.argv[3] ?? "";
/** It stands for other machines: the site's own is not theirs to slow down. */
const OTHERS_PRIORITY = 10;
const TICK_MS = 5;
/** Connections that it has not seen the end of. */
const MOST_OPEN = 400;

setPriority(OTHERS_PRIORITY);
let opened = 0;
let open = 0;
let refused = 0;
let failed = 0;
const began = performance.now();
const tick = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1000) * rate);
  for (; opened < due && open < MOST_OPEN; opened += 1) {
    open += 1;
    const socket = createConnection({ host: "127.0.0.1", port, localAddress });
    let stood = false;
    socket.on("connect", () => {
      stood = true;
    });
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("close", () => {
      open -= 1;
      if (stood) refused += 1;
      else failed += 1;
    });
  }
}, TICK_MS);
process.on("message", () => {
  clearInterval(tick);
  process.send?.({ count: refused, failed, seconds: (performance.now() - began) / 1000 });
});
process.send?.("started");
