import { basename, dirname } from "node:path";
import { AuditError } from "../error.ts";
import { isTime } from "../record/time.ts";
import { readExisting } from "./existing.ts";
import { nodeFs, type WriteFs, writeFileDurably } from "./write-fs.ts";

/** A legal hold: no record of its time is removed, whatever is configured, until it is lifted. */
export interface Hold {
  readonly id: string;
  readonly reason: string;
  /** First and last moment it is about, as in a record; null: without a bound. */
  readonly from: string | null;
  readonly to: string | null;
  /** When it was laid on. */
  readonly t: string;
}

export interface Holds {
  /** Number of the next hold's id: none is given twice. */
  readonly next: number;
  readonly list: readonly Hold[];
}

const MAX_HOLDS = 100;
export const MAX_HOLD_REASON = 500;

const MAX_BYTES = MAX_HOLDS * 4 * 1024;

const noHolds: Holds = Object.freeze({ next: 1, list: [] });

export function holdsFile(holds: Holds): string {
  return `${JSON.stringify({ version: 1, next: holds.next, holds: holds.list }, undefined, 2)}\n`;
}

/**
 * The holds that are kept in a file; none when there is no file. Throws `ERR_AUDIT_HOLDS` when it cannot be read:
 * what is on hold is then not known, and nothing may be removed.
 */
export function readHolds(path: string): Holds {
  const bytes = readExisting(path, MAX_BYTES + 1);
  if (bytes === undefined) return noHolds;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw unreadable(path, "it is no JSON", cause);
  }
  if (typeof value !== "object" || value === null) throw unreadable(path, "it is no object");
  const { version, next, holds } = value as Partial<Record<string, unknown>>;
  if (version !== 1) throw unreadable(path, "it is not of version 1");
  if (!Number.isSafeInteger(next) || !Array.isArray(holds) || !holds.every(isHold)) {
    throw unreadable(path, "it does not hold what it should");
  }
  return { next: Number(next), list: holds };
}

/** Lays a hold on: from then on nothing of its time is removed. Durable when it returns. Error: ERR_AUDIT_HOLDS */
export function addHold(path: string, hold: Omit<Hold, "id">, write: WriteFs = nodeFs): Hold {
  const { next, list } = readHolds(path);
  if (list.length >= MAX_HOLDS) {
    throw new AuditError("ERR_AUDIT_HOLDS", `there are ${MAX_HOLDS} holds already: remove one first`);
  }
  const added: Hold = { id: `hold-${next}`, ...hold };
  writeHolds(write, path, { next: next + 1, list: [...list, added] });
  return added;
}

/** The hold of this id. Error: ERR_AUDIT_HOLDS where there is none */
export function findHold(path: string, id: string): Hold {
  const found = readHolds(path).list.find((hold) => hold.id === id);
  if (found === undefined) throw new AuditError("ERR_AUDIT_HOLDS", `there is no hold ${id}`);
  return found;
}

/** Lifts a hold. Durable when it returns. */
export function removeHold(path: string, id: string, write: WriteFs = nodeFs): void {
  const { next, list } = readHolds(path);
  writeHolds(write, path, { next, list: list.filter((hold) => hold.id !== id) });
}

function writeHolds(write: WriteFs, path: string, holds: Holds): void {
  writeFileDurably(write, dirname(path), basename(path), Buffer.from(holdsFile(holds)), 0o600);
}

/** Whether any hold is about a time between the two. */
export function isHeld(holds: Holds, from: string, to: string): boolean {
  return holds.list.some((hold) => (hold.from === null || hold.from <= to) && (hold.to === null || hold.to >= from));
}

function isHold(value: unknown): value is Hold {
  if (typeof value !== "object" || value === null) return false;
  const { id, reason, from, to, t } = value as Partial<Record<keyof Hold, unknown>>;
  return typeof id === "string" && typeof reason === "string" && isBound(from) && isBound(to) && isTime(t);
}

function isBound(value: unknown): boolean {
  return value === null || isTime(value);
}

function unreadable(path: string, reason: string, cause?: unknown): AuditError {
  return new AuditError("ERR_AUDIT_HOLDS", `${path}: ${reason}. Nothing is removed from the log until it is right`, {
    cause,
  });
}
