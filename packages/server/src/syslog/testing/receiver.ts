import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { openIdentity } from "@modwarden/identity";

/** A message as it came, taken apart by the grammar of RFC 5424 and the framing of RFC 5425. */
export interface Received {
  readonly priority: number;
  readonly time: string;
  readonly host: string;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A receiver of syslog over TLS on a port of its own, with an authority that vouches for it. */
export interface Receiver {
  readonly dir: string;
  readonly port: number;
  /** File of its authority. */
  readonly authority: string;
  readonly received: Received[];
  readonly sockets: Set<TLSSocket>;
  /** Stops it, with every connection. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
  /** Everything, with its folder. */
  close(): Promise<void>;
}

export async function startReceiver(names: readonly string[] = ["localhost"]): Promise<Receiver> {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-syslog-"));
  const service = await openIdentity({ dir: join(dir, "registry"), now: () => new Date() });
  const { key, chain } = await service.issueServerCertificate({ id: "siem", kind: "gateway", names: [...names] });
  const authority = join(dir, "ca.pem");
  writeFileSync(authority, service.root);
  await service.close();
  const received: Received[] = [];
  const sockets = new Set<TLSSocket>();
  let server: Server;
  const start = async (port: number): Promise<number> => {
    server = createServer({ key, cert: chain }, (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
      let bytes: Buffer = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        for (let rest = frameOf(bytes); rest !== undefined; rest = frameOf(bytes)) {
          received.push(parseMessage(rest.message.toString("utf8")));
          bytes = rest.after;
        }
      });
    });
    server.on("tlsClientError", () => undefined);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const down = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  const port = await start(0);
  return {
    ...{ dir, port, authority, received, sockets, down },
    up: async () => void (await start(port)),
    async close() {
      await down();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function frameOf(bytes: Buffer): { readonly message: Buffer; readonly after: Buffer } | undefined {
  const blank = bytes.indexOf(" ");
  if (blank < 0) return undefined;
  const length = bytes.toString("latin1", 0, blank);
  if (!/^[1-9]\d*$/.test(length)) throw new Error(`"${length}" is no length of a message`);
  const end = blank + 1 + Number(length);
  return bytes.length < end ? undefined : { message: bytes.subarray(blank + 1, end), after: bytes.subarray(end) };
}

const MESSAGE =
  /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([^ ]+)((?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")*)\] ([\s\S]*)$/;

export function parseMessage(message: string): Received {
  const match = MESSAGE.exec(message);
  if (match === null) throw new Error(`no message of RFC 5424: ${message}`);
  const [, priority, time, host, , , type, , parameters, text] = match;
  const data: Record<string, string> = {};
  for (const [, name, value] of parameters!.matchAll(/ ([a-z]+)="((?:[^"\\\]]|\\["\\\]])*)"/g)) {
    data[name!] = value!.replace(/\\(["\\\]])/g, "$1");
  }
  return { priority: Number(priority), time: time!, host: host!, type: type!, data, text: text! };
}
