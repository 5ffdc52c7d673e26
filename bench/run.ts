/**
 * modwarden side by side with others, in one run: `npm run bench`. See docs/benchmarks.md.
 * Tables on standard output, or one JSON document with `--json`; progress on standard error.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { auditTables, measureAudit } from "./audit/measure.ts";
import { identityTables, measureIdentity } from "./identity/measure.ts";
import { measureModbus, modbusTables } from "./modbus/measure.ts";
import { measurePolicy, policyTables } from "./policy/measure.ts";
import type { Rounds } from "./shared/rounds.ts";

const usage = `npm run bench [-- [modbus|identity|policy|audit]…] [-- --quick] [-- --json]

  modbus         the protocol library beside libmodbus, modbus-serial, jsmodbus and bare node:net
  identity       handshakes beside openssl s_server, and whole enrolments
  policy         decisions of 50, 500 and 10,000 rules beside cedar-wasm and casbin
  audit          records made durable and verified, beside a plain file, a hash chain and SQLite
                 (all when none is named)

  --quick        three short rounds instead of seven
  --json         one JSON document with every measurement instead of tables
  --rounds N     another number of rounds, 1 to 99
  --ms N         milliseconds of each measurement, 50 to 60000

examples
  npm run bench -- --quick
  npm run bench -- identity --rounds 5
`;
const benches = ["modbus", "identity", "policy", "audit"] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
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
const unknown = positionals.find((name) => !benches.some((bench) => bench === name));
if (unknown !== undefined) refuse(`there is no bench "${unknown}"`);
const asked = (name: (typeof benches)[number]): boolean => positionals.length === 0 || positionals.includes(name);

const measuredMs = whole("--ms", values.ms ?? (values.quick ? "400" : "1000"), 50, 60_000);
const how: Rounds = {
  rounds: whole("--rounds", values.rounds ?? (values.quick ? "3" : "7"), 1, 99),
  warmMs: Math.ceil(measuredMs * 0.3),
  measuredMs,
  say: (line) => process.stderr.write(`bench: ${line}\n`),
};

const modbus = asked("modbus") ? await measureModbus(how) : undefined;
const identity = asked("identity") ? await measureIdentity(how) : undefined;
const policy = asked("policy") ? await measurePolicy(how) : undefined;
const audit = asked("audit") ? await measureAudit(how) : undefined;
const machine = {
  date: new Date().toISOString(),
  node: process.version,
  openssl: process.versions.openssl,
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
};
if (values.json) {
  const document = { machine, rounds: how.rounds, measuredMs, modbus, identity, policy, audit };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
} else {
  const { date, node, openssl, cores, processor } = machine;
  const head = `${date.slice(0, 10)}, ${cores} cores (${processor}), Node.js ${node} with OpenSSL ${openssl}, ${how.rounds} rounds of ${measuredMs} ms`;
  const parts = [head];
  if (modbus !== undefined) parts.push(modbusTables(modbus));
  if (identity !== undefined) parts.push(identityTables(identity));
  if (policy !== undefined) parts.push(policyTables(policy));
  if (audit !== undefined) parts.push(auditTables(audit));
  process.stdout.write(`${parts.join("\n\n")}`);
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(`${name} has to be a whole number from ${least} to ${most}, not "${text}"`);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
}
