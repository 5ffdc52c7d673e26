import { DocumentError } from "@modwarden/document";
import type { PolicyDocument } from "../language/read.ts";
import { resolveEveryRule } from "../rules/resolve.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { lintConditions } from "./conditions.ts";
import { Findings, type LintContext, type LintFinding, type LintOptions } from "./finding.ts";
import { lintIdle } from "./idle.ts";
import { lintLimits } from "./limits.ts";
import { lintPlaces } from "./places.ts";
import { lintApproval, lintRoles, lintSubjects } from "./subjects.ts";
import { lintTests } from "./tests.ts";

/**
 * What may be wrong with a policy that can be used: rules that never count, that other rules make idle, that permit more
 * than a device's profile. Findings are in the order of the file. Without a site a file that names devices, points or
 * labels throws DocumentError; with one, names that the site does not have are findings.
 */
export function lintPolicy(document: PolicyDocument, options: LintOptions = {}): readonly LintFinding[] {
  const findings = new Findings(document);
  const context: LintContext = {
    ...options,
    file: document.value,
    devices: options.site?.devices ?? [],
    find: (code, path, message) => findings.find(code, path, message),
  };
  const compiled = resolvable(document, context);
  if (document.value.mode === "shadow") {
    context.find(
      "mode-shadow",
      ["mode"],
      "nothing is refused: the policy is only tried. Write enforce to put it in force",
    );
  }
  lintRoles(context);
  for (const [index, rule] of document.value.rules.entries()) {
    const path = ["rules", index];
    lintSubjects(rule, path, context);
    lintApproval(rule, path, context);
    lintPlaces(rule, path, context);
    const resolved = compiled.get(index);
    if (resolved === undefined) continue;
    lintLimits(rule, resolved, path, context);
    lintConditions(rule, resolved, path, context);
  }
  const rules = [...compiled].map(([index, rule]) => ({ compiled: rule, text: document.value.rules[index]! }));
  lintIdle(rules, context);
  lintTests(context);
  return findings.sorted();
}

/** The rules by their place in the file, without those that name what the site does not have. */
function resolvable(document: PolicyDocument, { devices, site, find }: LintContext): ReadonlyMap<number, CompiledRule> {
  const resolved = new Map<number, CompiledRule>();
  for (const [index, rule] of document.value.rules.entries()) {
    // One at a time, for a mistake in one of them says nothing of the others.
    const path = (inOne: readonly PropertyKey[]) => ["rules", index, ...inOne.slice(2)];
    const one: PolicyDocument = {
      ...document,
      value: { ...document.value, rules: [rule] },
      problem: (inOne, message) => document.problem(path(inOne), message),
    };
    try {
      for (const compiled of resolveEveryRule(one, devices)) resolved.set(index, { ...compiled, index });
    } catch (error) {
      if (!(error instanceof DocumentError) || site === undefined) throw error;
      for (const problem of error.problems) find("name-unknown", problem.path.split("."), problem.message);
    }
  }
  return resolved;
}
