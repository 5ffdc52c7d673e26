import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transaction } from "@modwarden/access";
import { AuditLog, RefusalRollup, RollupTable, serialiseTransaction } from "@modwarden/audit";
import { compilePolicy, Learner, type Observation, type PolicyDevice, Replayer, readPolicy } from "@modwarden/policy";
import { describe, expect, it } from "vitest";
import { type CaptureFrom, pastOfCapture } from "../past/capture.ts";
import { slice } from "../past/slice.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const time = (second: number): string => new Date(NOON + second * 1000).toISOString().replace("Z", "000Z");

function transaction(role: string, change: Partial<Transaction> = {}): Transaction {
  return {
    subject: { id: `${role}-1`, role },
    location: { site: "demo", gateway: "gw1", source: "10.0.0.5:49152" },
    method: { transport: "tls", transaction: 7 },
    operation: { function: 6, name: "write-single-register" },
    accesses: [{ device: "drive", unit: 3, table: "holding", address: 9, quantity: 1, write: true, values: [40] }],
    decision: { permit: true, rules: ["r"], policy: "a1b2" },
    outcome: { latencyUs: 100 },
    findings: [],
    ...change,
  };
}

const reading = transaction("Viewer", {
  operation: { function: 3, name: "read-holding-registers" },
  accesses: [{ device: "drive", unit: 3, table: "holding", address: 100, quantity: 4, write: false }],
});
const refused = transaction("Viewer", {
  decision: { permit: false, rules: [], because: "no-permit", policy: "a1b2" },
  outcome: { exception: 1, latencyUs: 10 },
});

/** Two writes at the times 0 and 60, thirty reads that are rolled up, and 25 refusals of which five are only counted. */
function writtenLog(): string {
  const dir = join(temporaryFolder(), "audit");
  const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date(NOON) });
  log.append(serialiseTransaction(time(0), transaction("Operator")));
  const reads = new RollupTable();
  for (let number = 0; number < 30; number += 1) reads.add(NOON + number, reading, [1, 2, 3, 4]);
  for (const body of reads.flush(NOON + 60_000, true)) log.append(body);
  const refusals = new RefusalRollup();
  for (let number = 0; number < 25; number += 1) {
    if (refusals.add(NOON, refused)) log.append(serialiseTransaction(time(1), refused));
  }
  for (const body of refusals.flush(NOON + 60_000, true)) log.append(body);
  log.append(serialiseTransaction(time(60), transaction("Operator", { subject: { id: "gw1", role: null } })));
  log.append(serialiseTransaction(time(60), transaction("Operator")));
  log.commit();
  log.close();
  return dir;
}

describe("policy learn and policy replay, of a log", () => {
  it("learn what was permitted as often as it came, and list what was not", async () => {
    const log = writtenLog();
    const out = join(log, "../policy.yaml");
    const { code, json } = await runHere(["policy", "learn", "--from", log, "--out", out, "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([{ out, rules: 2, learned: 32, notCovered: 25 }]);
    const { roles, rules } = readPolicy(readFileSync(out, "utf8"), out).value;
    expect(roles).toEqual(["Operator", "Viewer"]);
    expect(rules.map(({ devices, allow }) => [devices, allow])).toEqual([
      [["drive"], [{ functions: [6], addresses: [9], values: [40] }]],
      [["drive"], [{ functions: [3], addresses: ["100-103"] }]],
    ]);
    const again = await runHere(["policy", "replay", "--policy", out, "--from", log, "--strict", "--json"]);
    expect(again.code).toBe(0);
    expect(again.json).toMatchObject([{ transactions: 57, changed: 0, newlyDenied: [], undecided: 5 }]);
    // A file that is there is not overwritten.
    expect((await runHere(["policy", "learn", "--from", log, "--out", out, "--json"])).code).toBe(2);
  });

  it("replay another policy, and end with 1 when it is strict and would refuse what was permitted", async () => {
    const log = writtenLog();
    const policy = join(log, "../policy.yaml");
    writeFileSync(
      policy,
      "policy: 1\nroles: [Viewer, Operator]\nrules:\n" +
        "  - { id: w, permit: { roles: [Viewer] }, allow: [{ functions: [6] }], when: { sites: [demo] } }\n" +
        "  - { id: r, permit: { roles: [Viewer] }, devices: [drive], allow: [{ functions: [3] }] }\n",
    );
    const replay = ["policy", "replay", "--policy", policy, "--from", log];
    const { code, json } = await runHere([...replay, "--strict", "--json"]);
    expect(code).toBe(1);
    expect(json).toMatchObject([
      {
        ...{ transactions: 57, changed: 22, denied: 2, permitted: 20, undecided: 5 },
        newlyDenied: [{ role: "Operator", device: "drive", unit: 3, function: 6, because: "no-permit", count: 2 }],
        newlyPermitted: [{ role: "Viewer", because: "no-permit", count: 20 }],
      },
    ]);
    const person = await runHere(replay);
    expect(person.code).toBe(0);
    for (const word of ["57 requests", "Operator", "drive", "no-permit"]) expect(person.stdout).toContain(word);
    const [late] = (await runHere([...replay, "--since", time(60), "--json"])).json;
    expect(late).toMatchObject({ denied: 1 });
  });

  it("end with 2 for what is no log, no capture, or a wrong option", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "x.pcap");
    writeFileSync(file, "no capture");
    const learn = (...more: readonly string[]) => runHere(["policy", "learn", ...more, "--json"]);
    expect(await learn("--from", folder)).toMatchObject({ code: 2, json: [{ error: { code: "ERR_AUDIT_NO_LOG" } }] });
    expect(await learn("--from", file)).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_CAPTURE_FORMAT", message: expect.stringContaining(file) } }],
    });
    expect(await learn("--from", join(folder, "none"))).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE" } }],
    });
    for (const option of [
      ["--first", "70"],
      ["--since", "yesterday"],
      ["--role", "Operator"],
    ]) {
      expect(await learn("--from", file, ...option)).toMatchObject({
        code: 2,
        json: [{ error: { code: "ERR_USAGE" } }],
      });
    }
  });
});

const plant1 = join(import.meta.dirname, "../../../../../shared/data/captures/plant1/plant1.pcap");
const skip = existsSync(plant1) ? "" : " (skipped: the recorded plant is not beside this checkout)";

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
  const opened = (site: CaptureFrom["site"]) => [...pastOfCapture({ file: plant1, site, roles }).observations()];

  it("is learned from its first 70 % so that the rest is permitted, in at most 60 rules", () => {
    const all = opened(undefined);
    const { rules, learned, tried, replay } = learnedAndTried(all, undefined);
    expect(rules).toBeLessThanOrEqual(60);
    expect(learned).toBeGreaterThan(5500);
    expect(tried).toMatchObject({ transactions: 2397, denied: 0, undecided: 0 });
    // Had it been somebody else, all of it would be refused.
    const strangers = all.map((one) => ({ ...one, question: { ...one.question, role: "Other" } }));
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
