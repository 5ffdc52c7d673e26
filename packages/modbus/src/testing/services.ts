import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type ClientOptions, createClient } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import type { Framing } from "../framing/framing.ts";
import { createMemoryLink } from "../link/memory.ts";
import type { Handler } from "../server/handler.ts";
import type { ServerOptions } from "../server/options.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import type { Scheme } from "../url.ts";
import { testTls } from "./carriers.ts";

/** A server, and how its clients come to it. */
export interface Service {
  readonly server: ModbusServer;
  connect(options?: ClientOptions): Promise<Client>;
  close(): Promise<void>;
}

/** A way from a client to a server, from the URL to the handler; the calls of a client run over each of them. */
export interface ServiceKind {
  readonly name: string;
  readonly framing: Framing;
  /** Whether the client hears that its server has gone. */
  readonly hearsEnd: boolean;
  /** One client at a time: the other end of a serial port. */
  readonly exclusive?: boolean;
  open(handler: Handler, options?: ServerOptions): Promise<Service>;
}

function network(scheme: Scheme, framing: Framing, hearsEnd = true): ServiceKind {
  return {
    name: scheme,
    framing,
    hearsEnd,
    async open(handler, options) {
      const folder = scheme === "unix" ? await mkdtemp(join(tmpdir(), "mb-")) : undefined;
      const tls = scheme === "tls" ? testTls() : undefined;
      const server = createServer(handler, { ...options, ...(tls === undefined ? {} : { tls: tls.server }) });
      const place = folder === undefined ? "127.0.0.1:0" : `${folder}/socket`;
      const url = await server.listen(`modbus+${scheme}://${place}`);
      return {
        server,
        connect: (clientOptions) =>
          connect(url, { ...clientOptions, ...(tls === undefined ? {} : { tls: tls.client }) }),
        async close() {
          await server.close();
          if (folder !== undefined) await rm(folder, { recursive: true });
        },
      };
    },
  };
}

function memory(framing: Framing): ServiceKind {
  return {
    name: `memory, ${framing}`,
    framing,
    hearsEnd: true,
    async open(handler, options) {
      const server = createServer(handler, options);
      return {
        server,
        async connect(clientOptions) {
          const link = createMemoryLink();
          server.accept(link.server, { framing });
          return createClient(link.client, { ...clientOptions, framing });
        },
        close: () => server.close(),
      };
    },
  };
}

export const services: readonly ServiceKind[] = [
  network("tcp", "mbap"),
  network("tls", "mbap"),
  network("unix", "mbap"),
  network("udp", "mbap", false),
  network("rtutcp", "rtu"),
  network("asciitcp", "ascii"),
  memory("mbap"),
  memory("rtu"),
  memory("ascii"),
];
