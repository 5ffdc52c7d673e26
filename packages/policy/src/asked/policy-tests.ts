import type { Because, Explanation } from "@modwarden/access";
import { DocumentError, type Problem } from "@modwarden/document";
import type { Policy, Question } from "../decide/question.ts";
import type { PolicyDocument } from "../language/read.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { questionFor } from "./asked.ts";
import { AskedError } from "./asked-error.ts";

export interface PolicyTestCase {
  /** Of the test in the file, from 0. */
  readonly index: number;
  readonly expect: "permit" | "deny";
  readonly got: "permit" | "deny";
  /** The reason got; null for a permit. */
  readonly because: Because | null;
  readonly explanation: Explanation;
  readonly ok: boolean;
}

export interface PolicyTestResult {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly PolicyTestCase[];
}

/**
 * Runs the `tests` of a policy file. In shadow mode a test asks what would be refused. Throws DocumentError with the
 * place of every test that describes no request.
 */
export function runPolicyTests(
  document: PolicyDocument,
  policy: Policy,
  devices: readonly PolicyDevice[],
): PolicyTestResult {
  const questions = questionsOf(document, devices);
  const cases = document.value.tests.map((test, index): PolicyTestCase => {
    const explanation = policy.decide(questions[index]!);
    const { permit, shadow } = explanation;
    const got = permit && shadow === undefined ? "permit" : "deny";
    const because = shadow?.because ?? explanation.because ?? null;
    const ok = got === test.expect && (test.because === undefined || test.because === because);
    return { index, expect: test.expect, got, because, explanation, ok };
  });
  const passed = cases.filter((result) => result.ok).length;
  return { passed, failed: cases.length - passed, cases };
}

function questionsOf(document: PolicyDocument, devices: readonly PolicyDevice[]): readonly Question[] {
  const problems: Problem[] = [];
  const questions = document.value.tests.flatMap((test, index) => {
    try {
      return [questionFor(test, devices)];
    } catch (error) {
      if (!(error instanceof AskedError)) throw error;
      problems.push(document.problem(["tests", index], error.message));
      return [];
    }
  });
  if (problems.length > 0) throw new DocumentError(document.file, problems);
  return questions;
}
