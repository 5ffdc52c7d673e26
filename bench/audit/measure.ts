/** How many records a second become durable and are verified, and what the line pays for it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyLog } from "@modwarden/audit";
import { atLeast, atMost, type Bar } from "../shared/bar.ts";
import type { Rounds } from "../shared/rounds.ts";
import { ratio, summarise } from "../shared/statistics.ts";
import { barTable, number, table } from "../shared/table.ts";
import { keepFor, others } from "./others.ts";
import { type Recorded, recordFor } from "./recording.ts";

/** A sync of the slow disk. */
const SLOW_MS = 20;
const OWN = "modwarden";

interface Verified {
  readonly perSecond: number;
  readonly perCoreSecond: number;
}

export interface AuditBench {
  readonly bytes: number;
  /** Records a second, by name and round. */
  readonly written: Readonly<Record<string, readonly number[]>>;
  readonly recorded: readonly Recorded[];
  readonly slowDisk: readonly Recorded[];
  readonly verified: readonly Verified[];
  readonly bars: readonly Bar[];
}

export async function measureAudit(how: Rounds): Promise<AuditBench> {
  const written: Record<string, number[]> = { [OWN]: [] };
  const recorded: Recorded[] = [];
  const slowDisk: Recorded[] = [];
  const verified: Verified[] = [];
  for (let round = -1; round < how.rounds; round += 1) {
    how.say(round < 0 ? "audit: warming up" : `audit: round ${round + 1} of ${how.rounds}`);
    const forMs = round < 0 ? how.warmMs : how.measuredMs;
    const folder = mkdtempSync(join(tmpdir(), "modwarden-bench-"));
    try {
      const own = await recordFor(join(folder, "audit"), forMs, 0);
      const slow = await recordFor(join(folder, "slow"), forMs, SLOW_MS);
      const checked = verify(join(folder, "audit"));
      const rates = Object.entries(others).map(([name, open]) => {
        const place = join(folder, name);
        mkdirSync(place);
        return [name, keepFor(open(place), forMs)] as const;
      });
      if (round < 0) continue;
      recorded.push(own);
      slowDisk.push(slow);
      verified.push(checked);
      for (const [name, rate] of [[OWN, own.perSecond] as const, ...rates]) {
        written[name] ??= [];
        written[name].push(rate);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const bytes = recorded[0]?.bytes ?? 0;
  return { bytes, written, recorded, slowDisk, verified, bars: judge(recorded, slowDisk, verified) };
}

function verify(dir: string): Verified {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = verifyLog({ dir });
  if (!result.ok) throw new Error(`the log does not verify: ${result.reason}`);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1_000;
  return { perSecond: result.records / seconds, perCoreSecond: result.records / ((user + system) / 1e6) };
}

function judge(recorded: readonly Recorded[], slow: readonly Recorded[], verified: readonly Verified[]): Bar[] {
  const times = (of: readonly Recorded[], what: "median" | "p99") =>
    summarise(of.map(({ handOver }) => handOver[what]));
  return [
    atLeast("durable records a second", 100_000, summarise(recorded.map(({ perSecond }) => perSecond)), "/s"),
    atLeast("verified records a second and core", 150_000, summarise(verified.map((one) => one.perCoreSecond)), "/s"),
    atMost("hand-over, median", 5, times(recorded, "median"), "us"),
    atMost("hand-over, 99th percentile", 20, times(recorded, "p99"), "us"),
    atMost(`hand-over, median, a sync takes ${SLOW_MS} ms`, 5, times(slow, "median"), "us"),
    atMost(`hand-over, 99th percentile, a sync takes ${SLOW_MS} ms`, 20, times(slow, "p99"), "us"),
  ];
}

export function auditTables({ bytes, written, recorded, slowDisk, verified, bars }: AuditBench): string {
  const own = written[OWN] ?? [];
  const rows = Object.entries(written).map(([name, rates]) => [
    name,
    number(summarise(rates)?.median, 0),
    number(ratio(own, rates)?.median, 2),
  ]);
  const median = (of: readonly number[]): number | undefined => summarise(of)?.median;
  const handed = [["as it is", recorded] as const, [`a sync takes ${SLOW_MS} ms`, slowDisk] as const].map(
    ([disk, of]) => [
      disk,
      number(median(of.map(({ perSecond }) => perSecond)), 0),
      number(median(of.map(({ handOver }) => handOver.median)), 2),
      number(median(of.map(({ handOver }) => handOver.p99)), 2),
      number(median(of.map(({ handOver }) => handOver.most)), 0),
    ],
  );
  return [
    `records of ${number(bytes, 0)} bytes, made durable in groups`,
    table(["kept by", "records/s", "modwarden's times"], rows),
    table(["disk", "records/s", "hand-over us", "99th percentile", "most"], handed),
    table(
      ["verified", "records/s", "per core and second"],
      [
        [
          "whole log",
          number(median(verified.map((one) => one.perSecond)), 0),
          number(median(verified.map((one) => one.perCoreSecond)), 0),
        ],
      ],
    ),
    barTable(bars),
  ].join("\n\n");
}
