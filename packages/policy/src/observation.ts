import type { Because } from "@modwarden/access";
import type { Question } from "./decide/question.ts";

/**
 * One request of the past, or equal ones of a span of time: from a log, or from a capture. `learn` makes rules of such,
 * `replay` asks another policy the same questions.
 */
export interface Observation {
  /** Without accesses: it was only counted, and what exactly was asked is not known. */
  readonly question: Question;
  /** Milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many requests this stands for. */
  readonly count: number;
  /** What happened to it. In a capture everything was forwarded, which counts as permitted. */
  readonly permitted: boolean;
  /** Why it was refused. */
  readonly because?: Because;
  /** What came back. "unanswered": it was forwarded, and what the device did is not known. */
  readonly outcome: "answered" | "exception" | "unanswered";
  readonly exception?: number;
  /** What its read returned, the last time: raw registers, or 0 and 1. */
  readonly values?: readonly number[];
  /** The gateway asked it itself, to know a value: nobody's permission is in question. */
  readonly own?: boolean;
  /** `address:port` of the server, where it is not a device that has a name. */
  readonly server?: string;
}
