/** How a transaction ended, as one of a few kinds that a person tells apart at a glance. */
import type { LiveTransaction } from "../api/wire.ts";
import { words } from "../words/index.ts";
import { hexByte } from "./format.ts";

/**
 * permitted: it did what it asked · refused: the gateway said no · closed: and hung up · shadow: it would have been
 * refused · failed: permitted, and the device answered with an exception or not at all · unknown: nobody knows.
 */
export type VerdictKind = "permitted" | "refused" | "closed" | "shadow" | "failed" | "unknown";

export interface Verdict {
  readonly kind: VerdictKind;
  /** "Refused" */
  readonly title: string;
  /** "Above the limit: max 80, got 90"; empty for what went as it should. */
  readonly reason: string;
}

export function verdictKind({ decision, outcome }: LiveTransaction): VerdictKind {
  if (!decision.permit) return outcome.result === "closed" ? "closed" : "refused";
  if (outcome.result === "unknown") return "unknown";
  if (outcome.result === "closed") return "closed";
  if (outcome.exception !== undefined) return "failed";
  return decision.shadow === undefined ? "permitted" : "shadow";
}

/** Refused by the gateway, whether or not it hung up as well; in shadow mode, what it would have refused. */
export function isRefusal({ decision }: LiveTransaction): boolean {
  return !decision.permit || decision.shadow !== undefined;
}

export function verdictOf(transaction: LiveTransaction): Verdict {
  const kind = verdictKind(transaction);
  return { kind, title: words.verdict[kind], reason: reasonOf(transaction, kind) };
}

function reasonOf({ decision, outcome }: LiveTransaction, kind: VerdictKind): string {
  if (kind === "permitted") return "";
  if (kind === "failed" || kind === "unknown") {
    return outcome.exception === undefined ? "" : exceptionText(outcome.exception);
  }
  const because = decision.because ?? decision.shadow?.because;
  const sentence = because === undefined ? "" : words.because[because];
  if (decision.failed === undefined) return sentence;
  return sentence === "" ? decision.failed : `${sentence}: ${decision.failed}`;
}

/** `0B no answer` */
export function exceptionText(code: number): string {
  return words.verdict.exception(hexByte(code), words.exceptions[code] ?? words.verdict.unnamedException);
}
