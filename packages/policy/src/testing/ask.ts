import type { Because, Explanation } from "@modwarden/access";
import { DocumentError } from "@modwarden/document";
import { type AskedText, questionFor } from "../index.ts";
import { devices, policyOf } from "./site.ts";

/** A policy with these rules (YAML, one list item per line) over the roles Viewer and Operator. */
export function rules(...lines: readonly string[]): (asked: AskedText) => Explanation {
  const list = lines.map((line) => `  - ${line}\n`).join("");
  const { policy } = policyOf(`policy: 1\nroles: [Viewer, Operator]\nrules:${list === "" ? " []" : `\n${list}`}\n`);
  return (asked) => policy.decide(questionFor(asked, devices));
}

/** "permit", or the reason. */
export function outcome(explanation: Explanation): Because | "permit" {
  return explanation.permit ? "permit" : (explanation.because ?? "permit");
}

/** Where and what: `line:column message` of each problem of a file that cannot be loaded. */
export function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof DocumentError) {
      return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    }
    throw error;
  }
  throw new Error("a DocumentError was expected");
}
