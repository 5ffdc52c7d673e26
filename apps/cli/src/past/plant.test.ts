import { existsSync } from "node:fs";
import { join } from "node:path";
import { compilePolicy, Learner, type Observation, type PolicyDevice, Replayer, readPolicy } from "@modwarden/policy";
import { describe, expect, it } from "vitest";
import { type CaptureFrom, pastOfCapture } from "./capture.ts";
import { slice } from "./slice.ts";

const file = join(import.meta.dirname, "../../../../../shared/data/captures/plant1/plant1.pcap");
const skip = existsSync(file) ? "" : " (skipped: the recorded plant is not beside this checkout)";

/** What the first 70 % teach, tried on the rest. */
function learnedAndTried(observations: readonly Observation[], devices: readonly PolicyDevice[] | undefined) {
  const learner = new Learner({ from: "the plant", ...(devices === undefined ? {} : { devices }) });
  for (const observation of slice(() => observations, { first: 0.7 })) learner.add(observation);
  const learned = learner.propose();
  const document = readPolicy(learned.text, "learned.yaml");
  const replay = (past: Iterable<Observation>) => {
    const replayer = new Replayer(compilePolicy(document, devices ?? []), document, { hasRollups: false, unknown: [] });
    for (const observation of past) replayer.add(observation);
    return replayer.result;
  };
  return { ...learned, replay, tried: replay(slice(() => observations, { last: 0.3 })) };
}

describe.skipIf(skip !== "")(`a recorded plant of 171 different requests${skip}`, () => {
  const roles = new Map([["141.81.0.10", "Hmi"]]);
  const opened = (site: CaptureFrom["site"]) => [...pastOfCapture({ file, site, roles }).observations()];

  it("is learned from its first 70 % so that the rest is permitted, in at most 60 rules", () => {
    const { rules, learned, tried, replay } = learnedAndTried(opened(undefined), undefined);
    expect(rules).toBeLessThanOrEqual(60);
    expect(learned).toBeGreaterThan(5500);
    expect(tried).toMatchObject({ transactions: 2397, denied: 0, undecided: 0 });
    // Had it been somebody else, all of it would be refused.
    const strangers = opened(undefined).map((one) => ({ ...one, question: { ...one.question, role: "Other" } }));
    expect(replay(strangers)).toMatchObject({ transactions: 7990, denied: 7990 });
  });

  it("is so with its thirteen servers told apart, too", () => {
    const hosts = [24, 26, 44, 46, 64, 66, 84, 86, 104, 143, 144, 163, 164];
    const devices = hosts.map((last, index) => ({
      ...{ id: `plc-${last}`, unit: index + 1, host: `141.81.0.${last}`, port: 502, deviceUnit: 255 },
      ...{ outstanding: 1, timeoutMs: 1000 },
    }));
    const { rules, learned, tried } = learnedAndTried(opened({ devices, profiles: new Map() }), devices);
    expect(rules).toBeGreaterThan(5);
    expect(rules).toBeLessThanOrEqual(60);
    expect(learned).toBeGreaterThan(5500);
    expect(tried).toMatchObject({ transactions: 2397, denied: 0, undecided: 0 });
  });
});
