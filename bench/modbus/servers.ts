/** FC 3 x 10 registers against every server, the servers taking turns in every round. */
import { type LoadResult, type Program, type RunningServer, startServer } from "../shared/process.ts";
import type { Rounds, Series } from "../shared/rounds.ts";
import type { Natives } from "./native.ts";
import { type Load, load } from "./processes.ts";

const loads = [
  { name: "32 x 1", connections: 32, depth: 1 },
  { name: "8 x 16", connections: 8, depth: 16 },
] as const;

export async function measureServers(natives: Natives, how: Rounds): Promise<Series<LoadResult>[]> {
  const programs: Program[] = [
    { name: "modwarden", file: "modbus/servers/modwarden.ts" },
    { name: "bare node:net", file: "modbus/servers/bare.ts" },
    ...(natives.libmodbusServer === undefined ? [] : [{ name: "libmodbus", native: natives.libmodbusServer }]),
    { name: "modbus-serial", file: "modbus/servers/modbus-serial.ts" },
    { name: "jsmodbus", file: "modbus/servers/jsmodbus.ts" },
    { name: "modwarden, own handler", file: "modbus/servers/modwarden.ts", arguments: ["handler"] },
    { name: "modwarden, 2 workers", file: "modbus/servers/modwarden.ts", arguments: ["workers"] },
  ];
  const series = programs.flatMap(({ name }) =>
    loads.map((one): Series<LoadResult> => ({ name, load: one.name, results: [], failure: undefined })),
  );
  const servers: (RunningServer | undefined)[] = [];
  try {
    for (const program of programs) servers.push(await startServer(program));
    for (let round = -1; round < how.rounds; round += 1) {
      how.say(round < 0 ? "servers: warming up" : `servers: round ${round + 1} of ${how.rounds}`);
      for (let turn = 0; turn < programs.length; turn += 1) {
        // Another one begins each round, so that no server always follows the same one.
        const index = (turn + Math.max(0, round)) % programs.length;
        for (const [which, { connections, depth }] of loads.entries()) {
          const one = series[index * loads.length + which]!;
          const task: Load = {
            connections,
            active: connections,
            depth,
            warmMs: how.warmMs,
            measuredMs: how.measuredMs,
          };
          // A server that has crashed is started again for its next turn.
          const server = servers[index] ?? (await startServer(programs[index]!));
          servers[index] = server;
          const result = await load(natives.load, server, task).catch(async (error: Error) => {
            one.failure = error.message;
            servers[index] = undefined;
            await server.stop();
            return undefined;
          });
          if (round >= 0) one.results.push(result);
        }
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server?.stop()));
  }
  return series;
}
