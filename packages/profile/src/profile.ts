import type { Path, Problem } from "@modwarden/document";
import type { Point, PointValue, Table } from "./point.ts";

export interface Device {
  readonly vendor: string;
  readonly model: string;
  readonly kind: string;
  readonly revision?: string;
  /** Where the facts come from. */
  readonly source?: string;
  /** How far the file has been checked: against documents, recorded traffic, or the device itself. */
  readonly verified?: "docs" | "captured" | "hardware";
}

/** How to recognise the device. Descriptive: nothing is decided by it here. */
export type Identification =
  | { readonly function: number; readonly object?: string; readonly matches: string }
  | { readonly read: Table; readonly address: number; readonly expect: "no-exception" | "exception" };

/** What a client that talks to the device should keep to. Registers per request, milliseconds. */
export interface LinkHints {
  readonly maxRead?: number;
  readonly maxWrite?: number;
  readonly maxGap?: number;
  readonly gapMs?: number;
  readonly timeoutMs?: number;
  readonly connections?: number;
  readonly wholePoints?: boolean;
}

/** Addresses that the device answers. `access: "rw"`: also those without a point may be written. */
export interface Block {
  readonly table: Table;
  readonly address: number;
  readonly count: number;
  readonly access: "r" | "rw";
}

/** `to` is text of the expression language; who runs it parses it. */
export interface Rule {
  readonly set: string;
  readonly to: string;
}

export interface Behaviour {
  readonly stepMs: number;
  readonly set: Readonly<Record<string, number | boolean | string>>;
  readonly state: Readonly<Record<string, number>>;
  readonly rules: readonly Rule[];
}

/** Raw words and the value they mean; `null` means that they mean none. */
export interface Golden {
  readonly point: string;
  readonly words: readonly number[];
  readonly value: Exclude<PointValue, bigint> | null;
  readonly with: Readonly<Record<string, number>>;
}

/** Where the parts of the file stand, for errors that are found later. */
export interface Source {
  readonly file: string;
  problem(path: Path, message: string): Problem;
  fail(path: Path, message: string): never;
}

/** What a device's registers mean. Immutable. */
export interface Profile {
  /** The name of a built-in device file, else the file's name without folder and ending. */
  readonly name: string;
  readonly device: Device;
  readonly identify: readonly Identification[];
  readonly link: LinkHints;
  readonly blocks: readonly Block[];
  readonly points: readonly Point[];
  readonly behaviour?: Behaviour;
  readonly golden: readonly Golden[];
  readonly source: Source;

  point(id: string): Point | undefined;
  /** The points that these addresses touch, in address order. Costs a binary search. */
  pointsAt(table: Table, address: number, quantity: number): readonly Point[];
  /** The device has every one of these addresses; otherwise it answers exception 02. */
  covers(table: Table, address: number, quantity: number): boolean;
  /** It has them, and none belongs to a point that is written only. */
  readable(table: Table, address: number, quantity: number): boolean;
  /** It has them, and each belongs to points that may be written, or to a block that is a plain memory. */
  writable(table: Table, address: number, quantity: number): boolean;
  /** The first point of several registers of which these addresses are only a part. */
  partial(table: Table, address: number, quantity: number): Point | undefined;
}
