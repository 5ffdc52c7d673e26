/**
 * The library side by side with others, in one run: `npm run bench`. See docs/benchmarks.md.
 * Tables on standard output, or one JSON document with `--json`; progress on standard error.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { judge } from "./bars.ts";
import { measureClients } from "./clients.ts";
import { measureHeld } from "./held.ts";
import { compileNatives } from "./native.ts";
import { tables } from "./report.ts";
import { measureServers, type Rounds } from "./servers.ts";

const usage = `npm run bench [-- --quick] [-- --json]

  --quick        three short rounds instead of seven
  --json         one JSON document with every measurement instead of tables
  --rounds N     another number of rounds, 1 to 99
  --ms N         milliseconds of each measurement, 50 to 60000
`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rounds: { type: "string" },
    ms: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const measuredMs = whole("--ms", values.ms ?? (values.quick ? "400" : "1000"), 50, 60_000);
const how: Rounds = {
  rounds: whole("--rounds", values.rounds ?? (values.quick ? "3" : "7"), 1, 99),
  warmMs: Math.ceil(measuredMs * 0.3),
  measuredMs,
  say: (line) => process.stderr.write(`bench: ${line}\n`),
};

const natives = compileNatives();
if (natives.libmodbusServer === undefined) how.say("libmodbus is left out: not found. apt install libmodbus-dev");
const measured = {
  servers: await measureServers(natives, how),
  clients: await measureClients(natives, how),
  held: await measureHeld(natives, how),
};
const bars = judge(measured);
const machine = {
  date: new Date().toISOString(),
  node: process.version,
  libmodbus: natives.libmodbusVersion ?? null,
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
};
if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine, rounds: how.rounds, measuredMs, ...measured, bars }, null, 2)}\n`);
} else {
  const { date, node, libmodbus, cores, processor } = machine;
  process.stdout.write(
    `${date.slice(0, 10)}, ${cores} cores (${processor}), Node.js ${node}, libmodbus ${libmodbus ?? "not installed"}, ` +
      `${how.rounds} rounds of ${measuredMs} ms, FC 3 x 10 registers\n\n${tables(measured, bars)}`,
  );
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`${name} has to be a whole number from ${least} to ${most}, not "${text}"\n\n${usage}`);
  process.exit(2);
}
