/** What Node.js itself costs: mutual TLS, and every line answered backwards, as `openssl s_server -rev` does. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { announce } from "../../modbus/servers/announce.ts";
import { chain, key, root } from "./material.ts";

const server = createServer(
  { key, cert: chain, ca: root, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2", noDelay: true },
  (socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const line = chunk.toString("latin1").trimEnd();
      socket.write(`${[...line].reverse().join("")}\n`);
    });
  },
);
server.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
