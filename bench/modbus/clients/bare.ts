/** The floor: a client in plain node:net with a promise and one write per request, which believes whatever is answered. */
import { once } from "node:events";
import { connect } from "node:net";
import { serveTasks } from "./measure.ts";

serveTasks(async (port) => {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const waiting = new Map<number, (registers: Uint16Array) => void>();
  let nextId = 0;
  let carry: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    let at = 0;
    while (bytes.length - at >= 9 && bytes.length - at >= 6 + bytes.readUInt16BE(at + 4)) {
      const id = bytes.readUInt16BE(at);
      const registers = new Uint16Array(bytes[at + 8]! / 2);
      for (let index = 0; index < registers.length; index += 1)
        registers[index] = bytes.readUInt16BE(at + 9 + 2 * index);
      waiting.get(id)?.(registers);
      waiting.delete(id);
      at += 6 + bytes.readUInt16BE(at + 4);
    }
    carry = bytes.subarray(at);
  });
  return {
    read: () =>
      new Promise((resolve) => {
        const id = nextId;
        nextId = (nextId + 1) & 0xffff;
        waiting.set(id, resolve);
        const request = Buffer.allocUnsafe(12);
        request.writeUInt16BE(id, 0);
        request.writeUInt32BE(6, 2);
        request.writeUInt16BE(0x0103, 6);
        request.writeUInt16BE(0, 8);
        request.writeUInt16BE(10, 10);
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
    },
  };
});
