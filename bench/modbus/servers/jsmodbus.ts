/** jsmodbus as its README shows it. */
import { type AddressInfo, createServer, type Server } from "node:net";
import { requirePeer } from "../peers.ts";
import { announce } from "./announce.ts";

interface JsModbus {
  readonly server: { readonly TCP: new (server: Server, options: { readonly holding: Buffer }) => unknown };
}

const modbus = requirePeer("jsmodbus") as JsModbus;
const holding = Buffer.alloc(65_536 * 2);
for (let index = 0; index < 125; index += 1) holding.writeUInt16BE(1000 + index, 2 * index);
const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
});
new modbus.server.TCP(server, { holding });
server.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
