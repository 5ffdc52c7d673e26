/** The library's Modbus/TCP Security server as users get it, with the memory handler. */
import { createMemoryHandler, createServer } from "@modwarden/modbus";
import { announce, fillRegisters } from "../../modbus/servers/announce.ts";
import { chain, key, root } from "./material.ts";

const registers = new Uint16Array(65_536);
fillRegisters(registers);
const server = createServer(createMemoryHandler({ holdingRegisters: registers }), {
  connections: 4096,
  tls: { key, cert: chain, ca: root },
});
const url = await server.listen("modbus+tls://127.0.0.1:0");
announce(url.port);
