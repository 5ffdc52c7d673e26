import type { Table } from "@modwarden/access";
import type { RateLimit } from "../rules/rule.ts";
import type { Question } from "./question.ts";

/** What is known of a register, and how old that is. */
export interface KnownRegister {
  readonly value: number;
  readonly ageMs: number;
}

/** Greatest and smallest raw value that a point had in a span of time. */
export interface Extremes {
  readonly least: number | bigint;
  readonly most: number | bigint;
}

/**
 * What the owner of a device knows when a request is about to leave. A decision reads it and changes nothing; what a
 * permit uses up (tokens, approvals) the owner takes when it acts on it.
 */
export interface Moment {
  /** Raw register, or 0 and 1; undefined: not known. */
  known(device: string, table: Table, address: number): KnownRegister | undefined;
  /** What the point at `address` was within the last `withinMs`, as far as it was seen. */
  extremes(device: string, table: Table, address: number, withinMs: number): Extremes | undefined;
  hasToken(rate: RateLimit, subject: string): boolean;
  /** Whether people have approved that the subject does exactly this, for rule `rule`. */
  approved(rule: string, question: Question): boolean;
}

/** Registers that have to be known, and no older than `maxAgeMs`, before a question can be decided. */
export interface Need {
  readonly device: string;
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
  readonly maxAgeMs: number;
}

/** A point whose movement a slew limit is about: the owner of the device keeps what it was for `withinMs`. */
export interface Watch {
  readonly device: string;
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
  readonly withinMs: number;
  /** The raw value that registers (or bits) from `address` on hold. */
  raw(registers: ArrayLike<number>): number | bigint | undefined;
}
