import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import type { FunctionReference } from "./function-reference.ts";
import type { Limits } from "./limits.ts";
import type { Network } from "./network.ts";
import type { Range } from "./range.ts";

/** A rule of the file with its names resolved. */
export interface CompiledRule {
  readonly id: string;
  readonly forbid: boolean;
  readonly roles: "*" | ReadonlySet<string>;
  /** Undefined: every unit. 0 is only in it when the file lists it by itself. */
  readonly units?: readonly Range[];
  readonly devices?: ReadonlySet<string>;
  /** Bits of the transports that the rule names; undefined: it names none. */
  readonly transports?: number;
  readonly networks?: readonly Network[];
  readonly entries: readonly CompiledEntry[];
}

export type CompiledEntry = FunctionsEntry | PointsEntry;

interface FunctionsEntry {
  readonly kind: "functions";
  readonly functions: readonly FunctionReference[];
  readonly table?: Table;
  /** Undefined: every address, and also functions without registers. */
  readonly addresses?: readonly Range[];
  readonly limits?: Limits;
}

interface PointsEntry {
  readonly kind: "points";
  readonly write: boolean;
  /** By device id. */
  readonly points: ReadonlyMap<string, readonly EntryPoint[]>;
}

export interface EntryPoint {
  readonly point: Point;
  readonly limits?: Limits;
}
