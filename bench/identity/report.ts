/** The measurements as tables for people. */
import type { LoadResult } from "../shared/process.ts";
import type { Series } from "../shared/rounds.ts";
import { summarise } from "../shared/statistics.ts";
import { barTable, number, table } from "../shared/table.ts";
import type { IdentityBench } from "./measure.ts";

export function tables({ handshakes, enrolments, bars }: IdentityBench): string {
  const head = ["load", "per second", "server CPU us", "p50 us", "p99 us", "server cores", "load cores", ""];
  return [
    table(["server", ...head], handshakes.map(row)),
    table(["", ...head], enrolments.map(row)),
    barTable(bars),
  ].join("\n");
}

function row({ name, load, results, failure }: Series<LoadResult>): string[] {
  const known = results.filter((result) => result !== undefined);
  const of = (pick: (result: LoadResult) => number, digits: number): string =>
    number(summarise(known.map(pick))?.median, digits);
  return [
    name,
    load,
    of((result) => result.perSecond, 0),
    of((result) => result.cpuUs, 0),
    of((result) => result.p50Us, 0),
    of((result) => result.p99Us, 0),
    of((result) => result.serverCores, 2),
    of((result) => result.loadCores, 2),
    failure ?? "",
  ];
}
