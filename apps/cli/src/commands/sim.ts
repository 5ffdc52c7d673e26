import { loadPlant, startSimulator } from "@modwarden/simulator";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { collect, wholeNumber } from "../frame/options.ts";
import { printReady } from "../frame/ready.ts";
import { aligned } from "../frame/table.ts";

interface SimOptions {
  readonly listen?: readonly string[];
  readonly seed?: number;
  readonly json?: true;
}

const DEFAULT_LISTEN = "modbus+tcp://127.0.0.1:5020";

export function simCommand(context: Context): Command {
  const command = createCommand("sim", {
    summary: "Runs simulated devices until it is told to stop",
    examples: [
      ["modwarden sim memory", "65,536 of each table at every unit, zero at first"],
      ["modwarden sim energy-hall --listen modbus+tcp://127.0.0.1:0", "a plant, on a free port"],
      ["modwarden sim eastron-sdm630 danfoss-fc51", "two devices, at units 1 and 2"],
      ["modwarden sim danfoss-fc51 --listen modbus+rtu:///dev/ttyUSB0", "a device on a serial line, at unit 1"],
      ["modwarden sim plant.yaml --json", "a plant file; the listeners as JSON"],
    ],
  });
  withJson(command)
    .argument("<PLANT|PROFILE...>", "a plant, or profiles: built-in names or files")
    .option("--listen <URL>", `where to listen, may be repeated (default: ${DEFAULT_LISTEN})`, collect)
    .option("--seed <N>", "one seed, one course of events (default: 1)", wholeNumber(0, 0xffff_ffff))
    .action(async (references: string[], { listen, seed, json }: SimOptions) => {
      const stopped = context.terminal.untilStopped();
      const plant = await plantOf(references);
      await using simulation = await startSimulator({
        plant,
        listen: listen ?? [DEFAULT_LISTEN],
        ...(seed === undefined ? {} : { seed }),
      });
      for (const url of simulation.urls) printReady(context, { ready: "simulator", url }, json === true);
      printReady(context, { ready: "all" }, json === true);
      if (!json) for (const line of unitLines(plant)) context.note(line);
      await stopped;
    });
  return command;
}

/** Who can be asked, for a person; a script knows what it has started. */
function unitLines({ units, elsewhere }: Awaited<ReturnType<typeof plantOf>>): string[] {
  const rows = units.map(({ unit, id, profile }) => [`unit ${unit}`, id, profile.name]);
  if (elsewhere !== undefined) rows.push([rows.length === 0 ? "every unit" : "other units", elsewhere.name]);
  return aligned(rows);
}

async function plantOf(references: readonly string[]): ReturnType<typeof loadPlant> {
  try {
    return await loadPlant(references);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError("ERR_PLANT", error.message, 2, { cause: error });
  }
}
