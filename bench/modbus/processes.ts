/** What this bench asks of its processes: loads on a server, connections held, measurements of a client. */
import { once } from "node:events";
import {
  type LoadResult,
  type Program,
  type Running,
  type RunningServer,
  runLoad,
  start,
  within,
} from "../shared/process.ts";
import type { ClientResult, ClientTask } from "./clients/measure.ts";

/** On a machine that is busy with other things as well. */
const startMs = 30_000;
const answerMs = 60_000;

export interface Load {
  readonly connections: number;
  /** How many of the connections ask; the others are held. */
  readonly active: number;
  readonly depth: number;
  readonly warmMs: number;
  readonly measuredMs: number;
}

export async function startClient(program: Program): Promise<Running> {
  const running = start(program);
  await within(startMs, `${program.name} did not start`, running, once(running.child, "message"));
  return running;
}

/** The next message of a process of the bench after it was sent `message`. */
export async function ask<Answer>(running: Running, message: object): Promise<Answer> {
  const answer = once(running.child, "message");
  running.child.send(message);
  const [result] = await within(answerMs, "no answer of a process of the bench", running, answer);
  return result as Answer;
}

export function measureClient(running: Running, task: ClientTask): Promise<ClientResult> {
  return ask<ClientResult>(running, task);
}

/** Rejects with what the load generator says when the server answers wrongly, hangs up or goes silent. */
export function load(native: string, server: RunningServer, how: Load): Promise<LoadResult> {
  const { connections, active, depth, warmMs, measuredMs } = how;
  return runLoad(native, [server.port, connections, active, depth, warmMs, measuredMs, server.pid]);
}

/** Holds connections that have asked once each and are idle since, until it is stopped. */
export async function hold(native: string, server: RunningServer, connections: number): Promise<Running> {
  const args = [server.port, connections, 0, 1, 0, 0, server.pid].map(String);
  const running = start({ name: "load", native, arguments: args });
  await within(startMs, "the connections were not taken", running, once(running.child.stdout!, "data"));
  return running;
}
