import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuditError } from "../error.ts";
import { readLines } from "../read/records.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, testLog } from "../testing/logs.ts";
import { type Fault, VolatileFs } from "../testing/volatile-fs.ts";
import { verifyLog } from "../verify/verify.ts";
import type { AuditLog } from "./audit-log.ts";

const DAY_MS = 86_400_000;
type Step = "append" | "commit" | "checkpoint" | "day" | "maintain" | "stop" | "power cut";

/** A log on a disk that fails, and what it has said to be durable. */
class Trial {
  readonly disk = new VolatileFs();
  readonly #made = testLog(temporaryFolder());
  /** Bodies in order of their numbers, as they were appended. */
  readonly #bodies = new Map<number, string>();
  #log: AuditLog | undefined;
  #durable = 0;
  #count = 0;

  get dir(): string {
    return this.#made.dir;
  }

  step(step: Step): void {
    const log = this.#opened();
    if (log === undefined) return;
    try {
      if (step === "append") {
        const text = body(this.#count++, "x".repeat(60));
        this.#bodies.set(log.append(text), text);
      } else if (step === "commit") log.commit();
      else if (step === "maintain") log.maintain();
      else if (step === "stop") log.close();
      else {
        if (step === "day") this.#made.clock.ms += DAY_MS;
        log.checkpoint();
      }
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
    }
    this.#durable = Math.max(this.#durable, log.size);
    if (step === "power cut") this.powerCut();
    else if (log.state === "failed" || log.state === "closed") this.#end();
  }

  powerCut(): void {
    this.#end();
    this.disk.powerCut();
  }

  /** With a disk that works again: everything that was durable is there, and all of it verifies. */
  check(what: string): void {
    this.disk.fault = () => undefined;
    this.powerCut();
    const log = this.#made.open({ fs: this.disk.fs, segmentBytes: 700 });
    const lines = [...readLines(this.dir)];
    expect(lines.length).toBeGreaterThanOrEqual(this.#durable);
    for (const [seq, text] of this.#bodies) {
      if (seq < this.#durable) expect(lines[seq]).toBe(`{"seq":${seq},${text}`);
    }
    log.close();
    expect(verifyLog({ dir: this.dir }), what).toMatchObject({ ok: true, pending: 0 });
  }

  #opened(): AuditLog | undefined {
    try {
      this.#log ??= this.#made.open({ fs: this.disk.fs, segmentBytes: 700 });
      this.#durable = Math.max(this.#durable, this.#log.size);
    } catch (error) {
      if (!(error instanceof AuditError) || !["ERR_AUDIT_FULL", "ERR_AUDIT_FAILED"].includes(error.code)) throw error;
    }
    return this.#log;
  }

  #end(): void {
    // What was not durable is not expected; another record may get its number.
    for (const seq of this.#bodies.keys()) if (seq >= this.#durable) this.#bodies.delete(seq);
    this.#log = undefined;
  }
}

const script: readonly Step[] = [
  ...["append", "append", "commit", "append", "checkpoint", "append", "day", "append", "append", "commit"],
  ...["append", "append", "append", "commit", "maintain", "maintain", "maintain", "maintain", "append", "commit"],
  ...["checkpoint", "append", "stop", "append", "commit", "append", "checkpoint"],
] as Step[];

/** Runs the script with a fault at one call, or at every call from one on for a while. */
function run(fault: Fault, at: number, many: number): number {
  const trial = new Trial();
  trial.disk.fault = (call, number) =>
    number >= at && number < at + many && (fault !== "short" || call === "writeSync") ? fault : undefined;
  for (const step of script) trial.step(step);
  const { calls } = trial.disk;
  trial.check(`${fault} at call ${at}`);
  return calls;
}

/** `AUDIT_FAULTS=all`: at every single call, which takes some minutes. */
const all = process.env["AUDIT_FAULTS"] === "all";
const every = all ? 1 : 23;

describe("a fault of the disk", () => {
  it("at any call loses nothing that was durable, and the log verifies after the power was cut", {
    timeout: 600_000,
  }, () => {
    const calls = run("EIO", Number.POSITIVE_INFINITY, 0);
    expect(calls).toBeGreaterThan(100);
    for (const fault of ["EIO", "ENOSPC", "short"] as const) {
      for (let at = 0; at < calls; at += every) run(fault, at, 1);
    }
  });

  it("of any kind, for as long as may be, in any order of what is done, loses nothing that was durable", {
    timeout: 600_000,
  }, () => {
    const steps = fc.array(
      fc.constantFrom<Step>(
        "append",
        "append",
        "append",
        "commit",
        "checkpoint",
        "day",
        "maintain",
        "stop",
        "power cut",
      ),
      { minLength: 5, maxLength: 40 },
    );
    const faults = fc.array(
      fc.record({
        at: fc.nat(250),
        many: fc.integer({ min: 1, max: 12 }),
        fault: fc.constantFrom<Fault>("ENOSPC", "EDQUOT", "EIO", "short"),
        calls: fc.constantFrom("any", "writeSync", "fdatasyncSync", "fsyncSync"),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(steps, faults, (list, failing) => {
        const trial = new Trial();
        trial.disk.fault = (call, number) =>
          failing.find(
            ({ at, many, fault, calls }) =>
              number >= at &&
              number < at + many &&
              (calls === "any" || calls === call) &&
              (fault !== "short" || call === "writeSync"),
          )?.fault;
        for (const step of list) trial.step(step);
        trial.check(JSON.stringify(failing));
      }),
      { numRuns: all ? 1000 : 10 },
    );
  });
});
