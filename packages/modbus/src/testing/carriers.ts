import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectLink } from "../link/connect.ts";
import type { SocketWay } from "../link/direct.ts";
import type { Link, Transport } from "../link/link.ts";
import { listenLink } from "../link/listen.ts";
import { createMemoryLink } from "../link/memory.ts";
import type { TlsClientOptions, TlsServerOptions } from "../link/tls.ts";
import { parseModbusUrl, type Scheme } from "../url.ts";
import { createTestAuthority } from "./certificates.ts";

/** A place where links can be dialled. */
export interface Place {
  dial(): Promise<Link>;
  close(): Promise<void>;
}

/** What carries links; every case of the conformance suites runs over each of them. */
export interface Carrier {
  readonly name: Transport;
  readonly title: string;
  /** Hands the server's end of every dialled link to `accept`. */
  open(accept: (link: Link) => void): Promise<Place>;
}

/** Certificates of one authority that both ends accept. */
export function testTls(): { readonly server: TlsServerOptions; readonly client: TlsClientOptions } {
  const authority = createTestAuthority("test authority");
  const ca = authority.certificate;
  return {
    server: { ...authority.issue({ name: "server", ips: ["127.0.0.1"] }), ca },
    client: { ...authority.issue({ name: "client" }), ca },
  };
}

async function openPlace(url: string, accept: (link: Link) => void, sockets: SocketWay = "direct"): Promise<Place> {
  const target = parseModbusUrl(url);
  const tls = target.scheme === "tls" ? testTls() : undefined;
  const server = tls === undefined ? {} : { tls: tls.server };
  const client = tls === undefined ? {} : { tls: tls.client };
  const listening = await listenLink(target, { onLink: accept, sockets, ...server });
  return {
    dial: () => connectLink(listening.url, { sockets, ...client }),
    close: () => listening.close(),
  };
}

function socket(name: Scheme, sockets: SocketWay = "direct"): Carrier {
  const title = sockets === "direct" ? name : `${name} with ${sockets} sockets`;
  return { name, title, open: (accept) => openPlace(`modbus+${name}://127.0.0.1:0`, accept, sockets) };
}

const unix: Carrier = {
  name: "unix",
  title: "unix",
  async open(accept) {
    const folder = await mkdtemp(join(tmpdir(), "mb-"));
    const place = await openPlace(`modbus+unix://${folder}/socket`, accept);
    return {
      dial: () => place.dial(),
      async close() {
        await place.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};

const memory: Carrier = {
  name: "memory",
  title: "memory",
  open: async (accept) => ({
    async dial() {
      const { client, server } = createMemoryLink();
      accept(server);
      return client;
    },
    close: async () => undefined,
  }),
};

/** Those that keep bytes in order, hear the end of their peer and hold a writer back. */
export const streams: readonly Carrier[] = [socket("tcp"), socket("tcp", "plain"), socket("tls"), unix, memory];
