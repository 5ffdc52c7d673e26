import { AuditError, type AuditIndex, blame, Prover, search, stateAt } from "@modwarden/audit";
import { codeOf, messageOf } from "../threads/thread-error.ts";
import type { AuditAnswer, AuditQuestion } from "./question.ts";

/** Longest that a question waits for the index to be up to date. */
const PATIENCE_MS = 2_000;
/** An answer is not longer than this, in characters; what is left out is the next page's. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Answers from the log as it is now. Where the index is far behind it, says how far it is. Throws nothing. */
export function answerFrom(open: () => AuditIndex, question: AuditQuestion, nowMs: () => number): AuditAnswer {
  try {
    const index = open();
    for (const until = nowMs() + PATIENCE_MS; index.step(); ) {
      if (nowMs() > until) return { kind: "behind", records: index.status.records };
    }
    return answer(index, question);
  } catch (error) {
    return { kind: "refused", code: codeOf(error), message: messageOf(error) };
  }
}

function answer(index: AuditIndex, question: AuditQuestion): AuditAnswer {
  switch (question.kind) {
    case "search":
      return found(index, question);
    case "blame": {
      const { writes, next } = blame(index, question.wanted);
      return { kind: "blamed", writes, next: next ?? null };
    }
    case "state":
      return { kind: "known", registers: stateAt(index, question.wanted) };
    case "proof":
      return proven(index.dir, question.seq);
  }
}

function proven(dir: string, seq: number): AuditAnswer {
  const prover = new Prover(dir);
  try {
    return { kind: "proven", proof: prover.inclusion(seq) };
  } catch (error) {
    if (!(error instanceof AuditError) || error.code !== "ERR_AUDIT_NO_RECORD") throw error;
    return { kind: "proven", proof: null };
  } finally {
    prover.close();
  }
}

function found(
  index: AuditIndex,
  { query, range, limit }: Extract<AuditQuestion, { readonly kind: "search" }>,
): AuditAnswer {
  const page = search(index, query, { ...range, limit });
  const lines: string[] = [];
  let characters = 0;
  for (const { seq, line } of page.found) {
    characters += line.length;
    if (lines.length > 0 && characters > MOST_CHARACTERS) {
      return { kind: "found", lines, next: range.newestFirst ? seq + 1 : seq, damaged: page.damaged };
    }
    lines.push(line);
  }
  return { kind: "found", lines, next: page.next?.beforeSeq ?? page.next?.fromSeq ?? null, damaged: page.damaged };
}
