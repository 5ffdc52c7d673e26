/** The line's side: transactions are made to text and handed over, while the recorder brings them to the disk. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createRing, formatTime, RingWriter, ringDurable, ringState, serialiseTransaction } from "@modwarden/audit";
import { transactionsOf } from "./transactions.ts";

const RING_BYTES = 8 * 1024 * 1024;
/** No more of the ring is used: what would not fit is not handed over, and the line would refuse it. */
const USED = RING_BYTES / 2;
const MOST_TIMES = 4_000_000;
const idle = new Int32Array(new SharedArrayBuffer(4));

export interface Recorded {
  readonly perSecond: number;
  /** Bytes of a record, on average. */
  readonly bytes: number;
  /** Microseconds from a transaction to its place in the ring. */
  readonly handOver: { readonly median: number; readonly p99: number; readonly most: number };
}

/** As many records as can be made durable in `forMs`. */
export async function recordFor(dir: string, forMs: number, syncMs: number): Promise<Recorded> {
  const ring = createRing(RING_BYTES);
  const worker = new Worker(new URL("./recorder-worker.ts", import.meta.url), { workerData: { dir, ring, syncMs } });
  await once(worker, "message");
  const transactions = transactionsOf(1_024);
  const writer = new RingWriter(ring);
  const took = new Float64Array(MOST_TIMES);
  let pushed = 0;
  let bytes = 0;
  const start = performance.now();
  for (const end = start + forMs; performance.now() < end; ) {
    const room = USED / 640 - (pushed - ringDurable(ring));
    for (let count = Math.min(room, 256); count > 0; count -= 1) {
      const transaction = transactions[pushed & 1_023]!;
      const before = process.hrtime.bigint();
      const text = serialiseTransaction(formatTime(Date.now()), transaction);
      if (!writer.pushText(text)) throw new Error("a record found no room");
      took[pushed % MOST_TIMES] = Number(process.hrtime.bigint() - before) / 1_000;
      pushed += 1;
      bytes += text.length;
    }
    if (room < 256) Atomics.wait(idle, 0, 0, 1);
  }
  while (ringDurable(ring) < pushed) {
    if (ringState(ring) !== "working") throw new Error(`the recorder is ${ringState(ring)}`);
    Atomics.wait(idle, 0, 0, 1);
  }
  const seconds = (performance.now() - start) / 1_000;
  const stopped = once(worker, "exit");
  worker.postMessage("stop");
  await stopped;
  const times = took.subarray(0, Math.min(pushed, MOST_TIMES)).sort();
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const handOver = { median: at(0.5), p99: at(0.99), most: at(1) };
  return { perSecond: pushed / seconds, bytes: bytes / pushed, handOver };
}
