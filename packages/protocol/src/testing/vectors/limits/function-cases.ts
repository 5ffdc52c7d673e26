import type { Refused, Vector } from "../vector.ts";

/** A PDU that is refused, and how: a request by the exception that a server answers, a response as such. */
export type RefusedPdu = readonly [frame: string, because: Refused["because"]];

/** PDUs of one function in one direction. */
export interface Cases {
  /** An ordinary one. */
  readonly valid: readonly Vector[];
  /** The smallest and the largest that the specification allows. */
  readonly limit: readonly Vector[];
  /** What is just beyond a limit, or contradicts itself. */
  readonly beyond: readonly RefusedPdu[];
  readonly truncated: readonly RefusedPdu[];
}

/** `of`: the function's name; for diagnostics with its sub-function, for user-defined functions with their code. */
export interface FunctionCases {
  readonly of: string;
  readonly request?: Cases;
  readonly response?: Cases;
}

/** The same bytes as a response, where it repeats the request. */
export function answered(cases: Cases): Cases {
  const refused = (all: readonly RefusedPdu[]): RefusedPdu[] => all.map(([frame]) => [frame, "response"]);
  return { ...cases, beyond: refused(cases.beyond), truncated: refused(cases.truncated) };
}

/** The byte of a function code. */
export function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

/** Registers 0 to 0, `count` of them. */
export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** An empty PDU, which has not even a function code. */
export const emptyPdu = "";
