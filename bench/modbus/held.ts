/** 1,000 connections held: what an idle one costs, and what they cost the 100 that are active. */
import { type Program, startServer } from "../shared/process.ts";
import type { Rounds } from "../shared/rounds.ts";
import type { Natives } from "./native.ts";
import { ask, hold, load } from "./processes.ts";

const connections = 1000;
const active = 100;

interface Memory {
  readonly rss: number;
}

export interface Held {
  /** Resident bytes per idle connection that has asked once, by round. */
  readonly modwarden: number[];
  readonly bare: number[];
  /** Requests per second: 32 connections alone, and 100 active ones of 1,000. */
  readonly few: number[];
  readonly many: number[];
}

export async function measureHeld(natives: Natives, how: Rounds): Promise<Held> {
  const held: Held = { modwarden: [], bare: [], few: [], many: [] };
  for (let round = 0; round < how.rounds; round += 1) {
    how.say(`connections held: round ${round + 1} of ${how.rounds}`);
    held.modwarden.push(await idleBytes(natives, { name: "modwarden", file: "modbus/servers/modwarden.ts" }));
    held.bare.push(await idleBytes(natives, { name: "bare node:net", file: "modbus/servers/bare.ts" }));
    const server = await startServer({ name: "modwarden", file: "modbus/servers/modwarden.ts" });
    try {
      const { warmMs, measuredMs } = how;
      // The first one warms the code up for both.
      for (const kept of [false, true]) {
        const few = await load(natives.load, server, { connections: 32, active: 32, depth: 1, warmMs, measuredMs });
        const many = await load(natives.load, server, { connections, active, depth: 1, warmMs, measuredMs });
        if (!kept) continue;
        held.few.push(few.perSecond);
        held.many.push(many.perSecond);
      }
    } finally {
      await server.stop();
    }
  }
  return held;
}

/** A fresh process each time, collected before and after: what was freed earlier would hide what is needed now. */
async function idleBytes(natives: Natives, program: Program): Promise<number> {
  const server = await startServer({ ...program, flags: ["--expose-gc"] });
  try {
    const before = await ask<Memory>(server, {});
    const holding = await hold(natives.load, server, connections);
    try {
      const after = await ask<Memory>(server, {});
      return (after.rss - before.rss) / connections;
    } finally {
      await holding.stop();
    }
  } finally {
    await server.stop();
  }
}
