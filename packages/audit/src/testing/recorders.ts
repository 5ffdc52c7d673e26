import { readRecords } from "../read/records.ts";
import { Recorder, type RecorderOptions } from "../recorder/recorder.ts";
import { createRing } from "../ring/layout.ts";
import { RingWriter } from "../ring/writer.ts";
import { type TestLog, testLog } from "./logs.ts";

export interface Bench extends TestLog {
  readonly recorder: Recorder;
  readonly rings: readonly SharedArrayBuffer[];
  readonly writers: readonly RingWriter[];
}

/** A recorder over a log of its own and `count` rings, all by one clock. */
export function bench(count: number, more?: Partial<RecorderOptions>, log: TestLog = testLog()): Bench {
  const rings = Array.from({ length: count }, () => createRing(4096));
  const writers = rings.map((ring) => new RingWriter(ring));
  const { now, monotonicMs } = log.clock;
  const recorder = new Recorder({ log: more?.log ?? log.open(), rings, now, monotonicMs, ...more });
  return { ...log, recorder, rings, writers };
}

/** What the system records say. */
export const events = (dir: string): unknown[] =>
  [...readRecords(dir)]
    .filter(({ kind }) => kind === "system")
    .map(({ seq: _seq, t: _t, kind: _kind, ...rest }) => rest);
/** The numbers of the test's own records. */
export const numbersOf = (dir: string): unknown[] =>
  [...readRecords(dir)].filter(({ kind }) => kind === "finding").map((record) => record["number"]);
