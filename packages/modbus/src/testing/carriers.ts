import { connectLink } from "../link/connect.ts";
import type { Link } from "../link/link.ts";
import { listenLink } from "../link/listen.ts";
import { createMemoryLink } from "../link/memory.ts";
import type { TlsClientOptions, TlsServerOptions } from "../link/tls.ts";
import { parseModbusUrl } from "../url.ts";
import { createTestAuthority } from "./certificates.ts";

/** A place where links can be dialled. */
export interface Place {
  dial(): Promise<Link>;
  close(): Promise<void>;
}

/** What carries links; every case of the conformance suite runs over each of them. */
export interface Carrier {
  readonly name: "tcp" | "tls" | "memory";
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

async function openSocket(scheme: "tcp" | "tls", accept: (link: Link) => void): Promise<Place> {
  const tls = scheme === "tls" ? testTls() : undefined;
  const listening = await listenLink(parseModbusUrl(`modbus+${scheme}://127.0.0.1:0`), {
    onLink: accept,
    ...(tls === undefined ? {} : { tls: tls.server }),
  });
  return {
    dial: () => connectLink(listening.url, tls === undefined ? {} : { tls: tls.client }),
    close: () => listening.close(),
  };
}

export const carriers: readonly Carrier[] = [
  { name: "tcp", open: (accept) => openSocket("tcp", accept) },
  { name: "tls", open: (accept) => openSocket("tls", accept) },
  {
    name: "memory",
    open: async (accept) => ({
      async dial() {
        const { client, server } = createMemoryLink();
        accept(server);
        return client;
      },
      close: async () => undefined,
    }),
  },
];
