/** Full mutual TLS handshakes with every server, the servers taking turns in every round. */
import { type LoadResult, type RunningServer, runLoad, start, startServer, within } from "../shared/process.ts";
import type { Rounds, Series } from "../shared/rounds.ts";
import type { Natives } from "./native.ts";
import type { Material } from "./prepare.ts";
import type { RunningSite } from "./site.ts";

export const VERSIONS = [13, 12] as const;
export const AT_ONCE = [1, 8, 32] as const;
/** On a machine that is busy with other things as well. */
const startMs = 30_000;

/** A server to shake hands with. */
export interface Door {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** What is said to have the server's word that it has accepted the client. */
  readonly dialogue: "modbus" | "line";
  /** The certificate that the server has to show. */
  readonly leaf: string;
}

export function loadName(version: number, atOnce: number): string {
  return `TLS 1.${version - 10}, ${atOnce} at once`;
}

/** Measures all servers in one turn. */
export async function handshakeRound(
  natives: Natives,
  client: string,
  doors: readonly Door[],
  round: number,
  how: Rounds,
  series: readonly Series<LoadResult>[],
): Promise<void> {
  for (const version of VERSIONS) {
    for (const atOnce of AT_ONCE) {
      for (let turn = 0; turn < doors.length; turn += 1) {
        const { name, port, pid, dialogue, leaf } = doors[(turn + Math.max(0, round)) % doors.length]!;
        const args = [port, atOnce, how.warmMs, how.measuredMs, version, dialogue, client, leaf, pid];
        const one = series.find((each) => each.name === name && each.load === loadName(version, atOnce))!;
        const result = await runLoad(natives.handshakes, args).catch((error: Error) => {
          one.failure = error.message;
          return undefined;
        });
        if (round >= 0) one.results.push(result);
      }
    }
  }
}

/** The servers beside the gateway. */
export async function startPeers(
  material: Material,
): Promise<{ readonly doors: Door[]; readonly servers: RunningServer[] }> {
  const servers: RunningServer[] = [];
  const doors: Door[] = [];
  const add = (name: string, dialogue: Door["dialogue"], server: RunningServer): void => {
    servers.push(server);
    doors.push({ name, port: server.port, pid: server.pid, dialogue, leaf: material.chain });
  };
  const files = [material.key, material.chain, material.root];
  try {
    add(
      "library",
      "modbus",
      await startServer({ name: "library", file: "identity/servers/library.ts", arguments: files }),
    );
    add(
      "bare node:tls",
      "line",
      await startServer({ name: "bare", file: "identity/servers/bare.ts", arguments: files }),
    );
    add("openssl s_server", "line", await startOpenssl(material));
    return { doors, servers };
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

export function gatewayDoor(site: RunningSite): Door {
  return { name: "gateway", port: site.gatewayPort, pid: site.pid, dialogue: "modbus", leaf: site.gatewayLeaf };
}

/** It asks for a certificate, verifies it up to the root, sends its own whole chain, and answers lines backwards. */
async function startOpenssl({ key, chain, root }: Material): Promise<RunningServer> {
  const args = ["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", chain, "-cert_chain", chain];
  args.push("-CAfile", root, "-Verify", "3", "-verify_return_error", "-verify_quiet", "-no_tls1", "-no_tls1_1");
  args.push("-ciphersuites", "TLS_AES_128_GCM_SHA256", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-rev");
  const running = start({ name: "openssl", native: "openssl", arguments: args, quiet: true });
  const port = new Promise<number>((resolve) => {
    let text = "";
    // What it says of each connection is read and dropped: a full pipe would stop it.
    running.child.stdout!.on("data", (chunk: Buffer) => {
      if (text.length < 1000) text += chunk.toString("latin1");
      const found = /ACCEPT \S+:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  return { ...running, port: await within(startMs, "openssl s_server did not start", running, port) };
}
