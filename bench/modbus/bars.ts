/** The bars: what the library has to reach in comparison, each as a median over the rounds. */
import { atLeast, atMost, type Bar } from "../shared/bar.ts";
import type { LoadResult } from "../shared/process.ts";
import type { Series } from "../shared/rounds.ts";
import { ratio, summarise } from "../shared/statistics.ts";
import type { ClientSeries } from "./clients.ts";
import type { Held } from "./held.ts";

export interface Measured {
  readonly servers: readonly Series<LoadResult>[];
  readonly clients: readonly ClientSeries[];
  readonly held: Held;
}

export function judge({ servers, clients, held }: Measured): Bar[] {
  const server = (name: string, load: string): readonly (LoadResult | undefined)[] =>
    servers.find((one) => one.name === name && one.load === load)?.results ?? [];
  const cpu = (name: string, load: string) => server(name, load).map((result) => result?.cpuUs);
  const speed = (name: string, load: string) => server(name, load).map((result) => result?.perSecond);
  const client = (name: string, load: string) =>
    clients.find((one) => one.name === name && one.load === load)?.results ?? [];
  const clientSpeed = (name: string, load: string) => client(name, load).map((result) => result?.perSecond);
  const clientCpu = (name: string, load: string) => client(name, load).map((result) => result?.cpuUs);
  const ours = "modwarden";
  const two = "modwarden, 2 workers";

  const bars: Bar[] = [
    atMost(
      "server CPU per request / bare node:net, 32 x 1",
      1.25,
      ratio(cpu(ours, "32 x 1"), cpu("bare node:net", "32 x 1")),
    ),
    atMost(
      "server CPU per request / bare node:net, 8 x 16",
      2,
      ratio(cpu(ours, "8 x 16"), cpu("bare node:net", "8 x 16")),
    ),
  ];
  for (const name of [ours, two]) {
    for (const [load, limit] of [
      ["32 x 1", 0.8],
      ["8 x 16", 4],
    ] as const) {
      bars.push(
        atLeast(`${name} server / libmodbus, ${load}`, limit, ratio(speed(name, load), speed("libmodbus", load))),
      );
    }
    for (const load of ["32 x 1", "8 x 16"]) {
      bars.push(
        atLeast(`${name} server / modbus-serial, ${load}`, 5, ratio(speed(name, load), speed("modbus-serial", load))),
      );
    }
  }
  for (const load of ["depth 1", "depth 16"]) {
    for (const [peer, limit] of [
      ["bare node:net", 0.85],
      ["modbus-serial", 1.2],
    ] as const) {
      const speeds = ratio(clientSpeed(ours, load), clientSpeed(peer, load));
      bars.push(atLeast(`client / ${peer}, ${load}`, limit, speeds));
      // With one request open, the machine's way of waking is most of the time; the processor's time is the client's own.
      const saved = ratio(clientCpu(peer, load), clientCpu(ours, load));
      bars.push(atLeast(`CPU per request of ${peer} / client, ${load}`, limit, saved));
    }
  }
  const idle = summarise(held.modwarden.map((bytes, round) => (bytes - held.bare[round]!) / 1024));
  bars.push({ ...atMost("memory per idle connection over bare node:net, 1,000 held", 20, idle), unit: "KiB" });
  bars.push(atLeast("100 active of 1,000 / 32 connections, throughput", 0.8, ratio(held.many, held.few)));
  return bars;
}
