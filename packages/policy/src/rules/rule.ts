import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import type { FunctionReference } from "../language/function-reference.ts";
import type { Network } from "../language/network.ts";
import type { Range } from "../language/range.ts";
import type { SubjectKind } from "../language/text.ts";
import type { Interlock } from "./interlock.ts";
import type { Limits } from "./limits.ts";
import type { TimeWindows } from "./time-windows.ts";

/** A rule of the file with its names resolved. */
export interface CompiledRule {
  readonly id: string;
  /** Its place in the file, from 0. */
  readonly index: number;
  readonly forbid: boolean;
  /** Judged and recorded, and without effect on what happens. */
  readonly shadow: boolean;
  readonly roles: "*" | ReadonlySet<string>;
  /** Identities, tags and kinds that it is about; undefined: all. */
  readonly ids?: ReadonlySet<string>;
  readonly tags?: ReadonlySet<string>;
  readonly kinds?: ReadonlySet<SubjectKind>;
  /** Undefined: every unit. 0 is only in it when the file lists it by itself. */
  readonly units?: readonly Range[];
  readonly devices?: ReadonlySet<string>;
  /** Bits of the transports that the rule names; undefined: it names none. */
  readonly transports?: number;
  readonly listeners?: ReadonlySet<string>;
  readonly networks?: readonly Network[];
  readonly hours?: TimeWindows;
  readonly interlocks?: readonly Interlock[];
  readonly rate?: RateLimit;
  readonly approval?: ApprovalNeed;
  readonly entries: readonly CompiledEntry[];
}

/** A bucket of `burst` tokens that gains `perMs` tokens each millisecond. */
export interface RateLimit {
  readonly rule: string;
  readonly burst: number;
  readonly perMs: number;
}

export interface ApprovalNeed {
  readonly people: 1 | 2;
  readonly ttlMs: number;
  /** Whose holders may approve; "*": every declared role. */
  readonly by: "*" | ReadonlySet<string>;
}

export type CompiledEntry = FunctionsEntry | PointsEntry;

export interface FunctionsEntry {
  readonly kind: "functions";
  readonly functions: readonly FunctionReference[];
  readonly table?: Table;
  /** Undefined: every address, and also functions without registers. */
  readonly addresses?: readonly Range[];
  /** Functions 20 and 21. Undefined: every file, every record. */
  readonly files?: readonly Range[];
  readonly records?: readonly Range[];
  readonly limits?: Limits;
}

export interface PointsEntry {
  readonly kind: "points";
  readonly write: boolean;
  /** By device id. */
  readonly points: ReadonlyMap<string, readonly EntryPoint[]>;
}

export interface EntryPoint {
  readonly point: Point;
  readonly limits?: Limits;
}
