import { readdirSync, readFileSync } from "node:fs";
import { AuditLog } from "../log/audit-log.ts";
import type { AuditLogOptions } from "../log/options.ts";
import { serialiseRecord } from "../record/record.ts";
import { temporaryFolder } from "./folder.ts";

export const NOON: number = Date.UTC(2026, 10, 21, 12);

/** A wall clock that stands still until it is moved. */
class Clock {
  ms: number = NOON;
  readonly now = (): Date => new Date(this.ms);
  readonly monotonicMs = (): number => this.ms;
}

export interface TestLog {
  readonly dir: string;
  readonly clock: Clock;
  open(more?: Partial<AuditLogOptions>): AuditLog;
}

/** A log in a folder of its own, opened and reopened with one clock. */
export function testLog(folder: string = temporaryFolder()): TestLog {
  const dir = `${folder}/audit`;
  const clock = new Clock();
  return {
    dir,
    clock,
    // Tests that move the clock by a day are mostly about epochs: segments do not end with it.
    open: (more) =>
      AuditLog.open({
        dir,
        site: "demo",
        gateway: "gw1",
        now: clock.now,
        segmentMs: Number.POSITIVE_INFINITY,
        ...more,
      }),
  };
}

export function body(number: number, text = ""): string {
  return serialiseRecord("2026-11-21T12:00:00.000000Z", "finding", { number, text });
}

/** The names of a log's folder and the lines of one of its files. */
export const names = (dir: string): string[] => readdirSync(dir).sort();
export const lines = (file: string): string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);

export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : `no code: ${String(error)}`;
  }
  return "nothing was thrown";
}
