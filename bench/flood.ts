/** `npm run flood`: a stranger's flood against a running site. See docs/audit.md. */
import { parseArgs } from "node:util";
import { measureFlood } from "./flood/measure.ts";

const usage = `npm run flood [-- --seconds N] [-- --json]

  Starts a site, lets a permitted client write to a device behind it, first undisturbed and then beside
  1,000 connections a second from an address that is not registered and 50,000 requests a second that the
  policy refuses, all on this machine's loopback. Exit 1 when a bar is missed.

  --seconds N       of each of the two, default 60
  --connections N   refused connections a second, default 1000
  --requests N      refused requests a second, default 50000
  --json            one JSON document

examples
  npm run flood
  npm run flood -- --seconds 10
`;
const LOG_BYTES = 5_000_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    connections: { type: "string", default: "1000" },
    requests: { type: "string", default: "50000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const result = await measureFlood({
  seconds: whole("--seconds", values.seconds, 600),
  connectionsPerSecond: whole("--connections", values.connections, 100_000),
  requestsPerSecond: whole("--requests", values.requests, 10_000_000),
  connections: 4,
});
const { undisturbed, flooded, writes, recorded, grownBytes, writesBytes, verified } = result;
const ratio = flooded.p99Ms / undisturbed.p99Ms;
const bars = {
  everyWriteRecorded: recorded === writes && verified,
  p99BelowTwice: ratio < 2,
  logBelow5MB: grownBytes - writesBytes < LOG_BYTES,
};
if (values.json) process.stdout.write(`${JSON.stringify({ ...result, ratio, bars })}\n`);
else {
  const ms = (value: number): string => value.toFixed(2).padStart(8);
  const lines = [
    `                 writes  p50 ms  p99 ms`,
    `undisturbed   ${String(undisturbed.count).padStart(8)}${ms(undisturbed.p50Ms)}${ms(undisturbed.p99Ms)}`,
    `flooded       ${String(flooded.count).padStart(8)}${ms(flooded.p50Ms)}${ms(flooded.p99Ms)}   p99 x ${ratio.toFixed(2)}`,
    `refused a second: ${Math.round(result.connectionsPerSecond)} connections, ${Math.round(result.requestsPerSecond)} requests`,
    `writes answered ${writes}, on record ${recorded}; the log ${verified ? "verifies" : "DOES NOT VERIFY"}, grown by ${grownBytes} bytes,`,
    `${writesBytes} of them the permitted writes that were answered meanwhile`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
process.exitCode = Object.values(bars).every(Boolean) ? 0 : 1;

function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  process.stderr.write(`flood: ${flag} is a whole number from 1 to ${most}, not "${text}"\n`);
  process.exit(2);
}
