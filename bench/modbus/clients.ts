/** FC 3 x 10 registers by every client against one fast server, the clients taking turns in every round. */
import { type Program, type Running, startServer } from "../shared/process.ts";
import type { Rounds, Series } from "../shared/rounds.ts";
import type { ClientResult } from "./clients/measure.ts";
import type { Natives } from "./native.ts";
import { measureClient, startClient } from "./processes.ts";

/** Requests whose allocated bytes are counted, in a young generation that holds them all. */
const countedRequests = 10_000;
const uncollected: readonly string[] = ["--min-semi-space-size=512", "--max-semi-space-size=512"];

const programs: readonly Program[] = [
  { name: "modwarden", file: "modbus/clients/modwarden.ts" },
  { name: "bare node:net", file: "modbus/clients/bare.ts" },
  { name: "modbus-serial", file: "modbus/clients/modbus-serial.ts" },
  { name: "modwarden, several ADUs per write", file: "modbus/clients/modwarden.ts", arguments: ["several"] },
];

const depths = [1, 16] as const;

export interface ClientSeries extends Series<ClientResult> {
  /** Bytes allocated per request. */
  allocated: number | undefined;
}

export async function measureClients(natives: Natives, how: Rounds): Promise<ClientSeries[]> {
  const series = programs.flatMap(({ name }) =>
    depths.map((depth): ClientSeries => {
      return { name, load: `depth ${depth}`, results: [], failure: undefined, allocated: undefined };
    }),
  );
  const server = await startServer({ name: "fast-server", native: natives.fastServer });
  const clients: Running[] = [];
  try {
    for (const program of programs) clients.push(await startClient(program));
    for (let round = -1; round < how.rounds; round += 1) {
      how.say(round < 0 ? "clients: warming up" : `clients: round ${round + 1} of ${how.rounds}`);
      for (let turn = 0; turn < programs.length; turn += 1) {
        const index = (turn + Math.max(0, round)) % programs.length;
        for (const [which, depth] of depths.entries()) {
          const { port } = server;
          const task = { port, depth, warmMs: how.warmMs, measuredMs: how.measuredMs };
          const result = await measureClient(clients[index]!, task);
          if (round >= 0) series[index * depths.length + which]!.results.push(result);
        }
      }
    }
    how.say("clients: allocated bytes");
    for (const [index, program] of programs.entries()) {
      const counting = await startClient({ ...program, flags: uncollected });
      try {
        for (const [which, depth] of depths.entries()) {
          const task = { port: server.port, depth, warmMs: how.warmMs, measuredMs: 0, requests: countedRequests };
          series[index * depths.length + which]!.allocated = (await measureClient(counting, task)).allocated;
        }
      } finally {
        await counting.stop();
      }
    }
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await server.stop();
  }
  return series;
}
