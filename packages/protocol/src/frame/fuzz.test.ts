import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { framings } from "../testing/fuzz/feeds.ts";
import { Fuzzer } from "../testing/fuzz/fuzzer.ts";

const FRAMES = 100_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Seconds on an idle machine; many times that while coverage is measured on a busy one. */
const timeoutMs = 180_000;

test.each(framings)(
  "%s: mutated frames throw nothing but ModbusErrors and break no bound",
  { timeout: timeoutMs },
  (framing) => {
    const [seed] = fc.sample(fc.integer(), 1);
    const fuzzer = new Fuzzer(framing, seed!);
    try {
      fuzzer.run(FRAMES / 2);
      const settled = heapUsed();
      fuzzer.run(FRAMES / 2);
      expect(heapUsed() - settled).toBeLessThan(4 * 1024 * 1024);
    } catch (error) {
      throw new Error(`seed ${seed}, frame ${fuzzer.counts.frames + 1}`, { cause: error });
    }
    const { delivered, requests, responses, answers, refused } = fuzzer.counts;
    // A fuzzer whose frames all stop at the door would find nothing.
    expect(Math.min(delivered, requests, responses, answers, refused)).toBeGreaterThan(FRAMES / 500);
  },
);
