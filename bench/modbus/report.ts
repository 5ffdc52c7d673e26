/** The measurements as tables for people. */
import type { Bar } from "../shared/bar.ts";
import { summarise } from "../shared/statistics.ts";
import { barTable, number, table } from "../shared/table.ts";
import type { Measured } from "./bars.ts";

export function tables(measured: Measured, bars: readonly Bar[]): string {
  const servers = measured.servers.map(({ name, load, results, failure }) => {
    const known = results.filter((result) => result !== undefined);
    const of = (pick: (result: (typeof known)[number]) => number, digits: number): string =>
      number(summarise(known.map(pick))?.median, digits);
    return [
      name,
      load,
      of((result) => result.perSecond, 0),
      of((result) => result.cpuUs, 2),
      of((result) => result.p50Us, 0),
      of((result) => result.p99Us, 0),
      of((result) => result.loadCores, 2),
      failure ?? "",
    ];
  });
  const clients = measured.clients.map(({ name, load, results, allocated }) => {
    const known = results.filter((result) => result !== undefined);
    return [
      name,
      load,
      number(summarise(known.map((result) => result.perSecond))?.median, 0),
      number(summarise(known.map((result) => result.cpuUs))?.median, 2),
      number(allocated, 0),
    ];
  });
  return [
    table(["server", "conn. x depth", "requests/s", "CPU us/req.", "p50 us", "p99 us", "load cores", ""], servers),
    table(["client", "open", "requests/s", "CPU us/req.", "bytes/req."], clients),
    barTable(bars),
  ].join("\n");
}
