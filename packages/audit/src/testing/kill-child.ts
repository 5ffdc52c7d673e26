/**
 * A line and a recorder under full load, to be killed: `node kill-child.ts DIR RUN`. Records are handed over as fast as
 * the recorder takes them; again and again it prints how many of them are said to be durable.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { Worker } from "node:worker_threads";
import { serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { ringDurable } from "../ring/durable.ts";
import { createRing } from "../ring/layout.ts";
import { RingWriter } from "../ring/writer.ts";

const RING_BYTES = 1024 * 1024;
const SAY_EVERY = 64;

const dir = process.argv[2] ?? "";
const run = Number(process.argv[3]);
const ring = createRing(RING_BYTES);
const worker = new Worker(new URL("./kill-recorder.ts", import.meta.url), { workerData: { dir, ring } });
await once(worker, "message");
// It is killed before it could keep what it compiled, and the next one would start as slowly.
flushCompileCache();
const writer = new RingWriter(ring);
const idle = new Int32Array(new SharedArrayBuffer(4));
let said = 0;
for (let number = 0; ; number++) {
  const text = serialiseRecord(formatTime(Date.now()), "finding", { run, number, text: "x".repeat(number % 700) });
  while (!writer.pushText(text)) Atomics.wait(idle, 0, 0, 1);
  if (number % SAY_EVERY !== 0) continue;
  const durable = ringDurable(ring);
  if (durable === said) continue;
  said = durable;
  // Synchronous: what is printed has left this process before it can be killed.
  writeSync(1, `${durable}\n`);
}
