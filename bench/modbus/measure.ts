/** The protocol library side by side with others. */
import type { Bar } from "../shared/bar.ts";
import type { Rounds } from "../shared/rounds.ts";
import { judge, type Measured } from "./bars.ts";
import { measureClients } from "./clients.ts";
import { measureHeld } from "./held.ts";
import { compileNatives } from "./native.ts";
import { tables } from "./report.ts";
import { measureServers } from "./servers.ts";

export interface ModbusBench extends Measured {
  readonly libmodbus: string | null;
  readonly bars: readonly Bar[];
}

export async function measureModbus(how: Rounds): Promise<ModbusBench> {
  const natives = compileNatives();
  if (natives.libmodbusServer === undefined) how.say("libmodbus is left out: not found. apt install libmodbus-dev");
  const measured = {
    servers: await measureServers(natives, how),
    clients: await measureClients(natives, how),
    held: await measureHeld(natives, how),
  };
  return { libmodbus: natives.libmodbusVersion ?? null, ...measured, bars: judge(measured) };
}

export function modbusTables(bench: ModbusBench): string {
  return `FC 3 x 10 registers, libmodbus ${bench.libmodbus ?? "not installed"}\n\n${tables(bench, bench.bars)}`;
}
