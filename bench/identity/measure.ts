/** Handshakes beside openssl's, and whole enrolments beside handshakes, all under the same load in the same run. */
import type { Bar } from "../shared/bar.ts";
import { type LoadResult, type RunningServer, runLoad, startServer } from "../shared/process.ts";
import type { Rounds, Series } from "../shared/rounds.ts";
import { judge } from "./bars.ts";
import { AT_ONCE, gatewayDoor, handshakeRound, loadName, startPeers, VERSIONS } from "./handshakes.ts";
import { compileNatives, type Natives } from "./native.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { tables } from "./report.ts";
import { type RunningSite, startSite } from "./site.ts";

export interface IdentityBench {
  readonly openssl: string;
  readonly handshakes: readonly Series<LoadResult>[];
  readonly enrolments: readonly Series<LoadResult>[];
  readonly bars: readonly Bar[];
}

/** Enrolments of one measurement, by its length. */
const enrolmentsPerSecond = 150;

export async function measureIdentity(how: Rounds): Promise<IdentityBench> {
  const natives = compileNatives();
  const count = Math.max(4, Math.ceil((how.measuredMs / 1000) * enrolmentsPerSecond));
  const warm = Math.ceil(count * 0.3);
  const turns = how.rounds + 1;
  const sizes = Array.from({ length: turns }, () => AT_ONCE.map((atOnce) => warm + count + atOnce)).flat();
  const stops: (() => Promise<void> | void)[] = [];
  try {
    const device = await startServer({ name: "device", file: "modbus/servers/modwarden.ts" });
    stops.push(device.stop);
    how.say(`identity: making ${sizes.reduce((sum, size) => sum + size, 0)} registration keys`);
    const prepared = await prepare(device.port, sizes);
    stops.push(prepared.remove);
    const site = await startSite(prepared);
    stops.push(site.stop);
    const peers = await startPeers(prepared.material);
    stops.push(() => stopAll(peers.servers));
    const doors = [gatewayDoor(site), ...peers.doors];

    const handshakes = doors.flatMap(({ name }) =>
      VERSIONS.flatMap((version) => AT_ONCE.map((atOnce) => emptySeries(name, loadName(version, atOnce)))),
    );
    const enrolments = AT_ONCE.map((atOnce) => emptySeries("enrolment", loadName(13, atOnce)));
    for (let round = -1; round < how.rounds; round += 1) {
      how.say(round < 0 ? "identity: warming up" : `identity: round ${round + 1} of ${how.rounds}`);
      await handshakeRound(natives, site.client, doors, round, how, handshakes);
      await enrolmentRound(natives, site, prepared, round, { warm, count }, enrolments);
    }
    return { openssl: natives.openssl, handshakes, enrolments, bars: judge({ handshakes, enrolments }) };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

export function identityTables(bench: IdentityBench): string {
  return `mutual TLS with P-256 and AES-128-GCM, chains of three; ${bench.openssl} s_server\n\n${tables(bench)}`;
}

async function enrolmentRound(
  natives: Natives,
  site: RunningSite,
  prepared: Prepared,
  round: number,
  { warm, count }: { readonly warm: number; readonly count: number },
  series: readonly Series<LoadResult>[],
): Promise<void> {
  for (const [index, atOnce] of AT_ONCE.entries()) {
    const items = prepared.items[(round + 1) * AT_ONCE.length + index]!;
    const args = [site.enrolmentPort, atOnce, warm, count, items, site.enrolmentLeaf, site.pid];
    const one = series[index]!;
    const result = await runLoad(natives.enrolments, args).catch((error: Error) => {
      one.failure = error.message;
      return undefined;
    });
    if (round >= 0) one.results.push(result);
  }
}

function emptySeries(name: string, load: string): Series<LoadResult> {
  return { name, load, results: [], failure: undefined };
}

async function stopAll(servers: readonly RunningServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
