/**
 * A recorder under load, to be killed: `node kill-child.ts DIR`. After each checkpoint it prints the number of records
 * that the checkpoint covers, and from time to time what its ring says is durable.
 */
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { AuditLog, createRing, formatTime, Recorder, RingWriter, ringDurable, serialiseRecord } from "../index.ts";

// It is killed before it could keep what it compiled, and the next one would start as slowly.
flushCompileCache();
const dir = process.argv[2] ?? "";
const now = (): Date => new Date();
const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now, segmentBytes: 256 * 1024 });
const ring = createRing(64 * 1024);
const writer = new RingWriter(ring);
const recorder = new Recorder({ log, rings: [ring], now, checkpointMs: 5, batchRecords: 50 });
const start = log.size;
let covered = 0;
for (let number = 0; ; ) {
  const body = serialiseRecord(formatTime(Date.now()), "finding", { number, text: "x".repeat(number % 300) });
  if (writer.pushText(body)) number++;
  else recorder.step();
  if (log.covered === covered) continue;
  covered = log.covered;
  // Synchronous: what is printed has left this process before it can be killed.
  writeSync(1, `${JSON.stringify({ covered, durable: start + ringDurable(ring) })}\n`);
}
