/**
 * The index of a long audit log: how fast it is made, how much memory that takes, and how long questions take.
 * `node --conditions=@modwarden/source bench/audit-search.ts [--records N] [--log DIR] [--times N]`
 *
 * Without --log it writes a log of N records (default 10,000,000, about 6 GB before it is compressed) into the temporary
 * folder and removes it afterwards; --log DIR uses a log that was written so before, and keeps it. Progress on standard
 * error, tables on standard output. What is given per second of processor time is that of the whole process.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AuditIndex, AuditLog } from "@modwarden/audit";
import { writePlant } from "./audit-search/plant.ts";
import { askAll } from "./audit-search/queries.ts";
import { number, table } from "./shared/table.ts";

const LIMIT_MS = 300;
const LEAST_PER_SECOND = 30_000;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "10000000" },
    times: { type: "string", default: "200" },
    log: { type: "string" },
  },
});
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
const folder = mkdtempSync(join(tmpdir(), "modwarden-bench-"));
try {
  const dir = values.log ?? join(folder, "audit");
  if (values.log === undefined) write(dir, Number(values.records));
  const index = new AuditIndex({ dir, file: join(folder, "index.sqlite") });
  const { records, rows } = rebuild(index);
  const asked = askAll(index, records, Number(values.times));
  index.close();
  const answers = asked.map(({ what, took, found }) => {
    const sorted = took.toSorted((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const worst = sorted.at(-1) ?? 0;
    return [
      what,
      number(found / took.length, 0),
      number(median, 1),
      number(worst, 1),
      worst < LIMIT_MS ? "met" : "NOT MET",
    ];
  });
  process.stdout.write(
    [
      table(["index", "measured", ""], rows),
      table(["question", "rows each", "median ms", "worst ms", `worst < ${LIMIT_MS} ms`], answers),
    ].join("\n"),
  );
} finally {
  rmSync(folder, { recursive: true });
}

function write(dir: string, records: number): void {
  const log = AuditLog.open({ dir, site: "bench", gateway: "gw1", now: () => new Date() });
  writePlant(log, records, (written) => {
    if (written % 1_000_000 === 0) say(`${written} records written`);
  });
  log.close();
}

function rebuild(index: AuditIndex): { readonly records: number; readonly rows: string[][] } {
  const memory: number[] = [];
  const start = performance.now();
  const cpu = process.cpuUsage();
  index.update((known) => {
    memory.push(process.memoryUsage.rss() / 2 ** 20);
    if (memory.length % 30 === 0) say(`${known} records indexed, ${number(memory.at(-1), 0)} MiB`);
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { records, bytes } = index.status;
  const half = memory.slice(Math.floor(memory.length / 2));
  const rate = records / seconds;
  return {
    records,
    rows: [
      ["records", number(records, 0), ""],
      ["indexed a second", number(rate, 0), rate >= LEAST_PER_SECOND ? "met" : "NOT MET"],
      ["indexed a second of processor time", number(records / ((user + system) / 1e6), 0), ""],
      ["MiB of memory after a tenth", number(memory[Math.floor(memory.length / 10)], 0), ""],
      ["MiB, most in the second half", number(Math.max(0, ...half), 0), ""],
      ["bytes of index a record", number(bytes / records, 1), ""],
    ],
  };
}
