/**
 * How many records a second the audit log takes and verifies: `node --conditions=@modwarden/source bench/audit.ts`.
 * Prints one line per measurement; the disk it measures is that of the temporary folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Transaction } from "@modwarden/access";
import {
  AuditLog,
  createRing,
  formatTime,
  Recorder,
  RingWriter,
  RollupTable,
  ringDurable,
  serialiseTransaction,
  verifyLog,
} from "@modwarden/audit";

const RECORDS = 300_000;

const transaction: Transaction = {
  subject: { id: "hmi-2", role: "Operator", cert: "3f".repeat(32) },
  location: { site: "demo", gateway: "gw1", zone: "hall-2", source: "10.0.0.5:49152" },
  method: { transport: "tls", transaction: 77 },
  operation: { function: 6, name: "write-single-register" },
  accesses: [
    {
      device: "drive",
      unit: 3,
      table: "holding",
      address: 50_009,
      quantity: 1,
      write: true,
      points: ["setpoint"],
      values: [90],
    },
  ],
  decision: {
    permit: false,
    rules: ["setpoint"],
    because: "max",
    failed: "max 80, got 90",
    policy: "a1b2c3d4e5f60718",
  },
  outcome: { exception: 1, latencyUs: 312 },
  findings: [],
};

function measure(what: string, records: number, action: () => void): void {
  const start = performance.now();
  action();
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(
    `${what.padEnd(44)} ${Math.round(records / seconds)
      .toLocaleString("en")
      .padStart(12)} records/s\n`,
  );
}

const folder = mkdtempSync(`${tmpdir()}/modwarden-bench-`);
try {
  const dir = `${folder}/audit`;
  const now = (): Date => new Date();
  const ring = createRing(4 * 1024 * 1024);
  const writer = new RingWriter(ring);
  const log = AuditLog.open({ dir, site: "bench", gateway: "gw1", now });
  const recorder = new Recorder({ log, rings: [ring], now });
  const text = serialiseTransaction(formatTime(Date.now()), transaction);
  process.stdout.write(`a record of ${text.length} bytes\n`);

  measure("serialise", RECORDS, () => {
    for (let count = 0; count < RECORDS; count++) serialiseTransaction(formatTime(Date.now()), transaction);
  });
  measure("roll up", RECORDS, () => {
    const table = new RollupTable();
    for (let count = 0; count < RECORDS; count++) table.add(Date.now(), transaction, [count & 0xffff, 1]);
  });
  measure("push, append, commit (one thread)", RECORDS, () => {
    for (let count = 0; count < RECORDS; ) {
      if (writer.pushText(text)) count++;
      else recorder.step();
    }
    while (ringDurable(ring) < RECORDS) recorder.step();
  });
  measure("push, append, commit, each by itself", 2000, () => {
    for (let count = 0; count < 2000; count++) {
      writer.pushText(text);
      recorder.step();
    }
  });
  recorder.stop();
  measure("open", log.size, () => AuditLog.open({ dir, site: "bench", gateway: "gw1", now }).close());
  measure("verify", log.size, () => {
    const result = verifyLog({ dir });
    if (!result.ok) throw new Error(result.reason);
  });
} finally {
  rmSync(folder, { recursive: true });
}
