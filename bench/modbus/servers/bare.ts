/** The floor: the forty lines of plain node:net that answer ten holding registers and check nothing at all. */
import { type AddressInfo, createServer } from "node:net";
import { announce } from "./announce.ts";

const REQUEST = 12;
const ANSWER = 29;

const server = createServer({ noDelay: true }, (socket) => {
  let carry: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const count = Math.floor(bytes.length / REQUEST);
    carry = bytes.subarray(count * REQUEST);
    if (count === 0) return;
    const out = Buffer.allocUnsafe(count * ANSWER);
    for (let index = 0; index < count; index += 1) {
      const to = index * ANSWER;
      bytes.copy(out, to, index * REQUEST, index * REQUEST + 8);
      out.writeUInt16BE(ANSWER - 6, to + 4);
      out[to + 8] = ANSWER - 9;
      for (let register = 0; register < 10; register += 1) out.writeUInt16BE(1000 + register, to + 9 + 2 * register);
    }
    socket.write(out);
  });
});

server.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
