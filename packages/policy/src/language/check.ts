import { didYouMean, type Path, type Problem, type SourceDocument } from "@modwarden/document";
import { checkEntry, checkFunction, type Report } from "./check-entry.ts";
import { checkWhen } from "./check-when.ts";
import { parseSource } from "./network.ts";
import { rangeOf } from "./range.ts";
import type { PolicyFile, RangeText, RolesText, RuleText, SubjectsText } from "./text.ts";

/** Collects the problems of a file that has the right form. Nothing here needs to know the site's devices. */
export function checkPolicy(document: SourceDocument<PolicyFile>): readonly Problem[] {
  const { roles, rules, tests } = document.value;
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push(document.problem(path, message));
  const declared = new Set(roles);
  reportRepeated(roles, (index) => report(["roles", index], `role "${roles[index]}" is declared twice`));
  const ids = rules.map((rule) => rule.id);
  reportRepeated(ids, (index) => report(["rules", index, "id"], `there is already a rule "${ids[index]}"`));
  for (const [index, rule] of rules.entries()) checkRule(rule, ["rules", index], declared, report);
  for (const [index, test] of tests.entries()) {
    if (test.as !== null && !declared.has(test.as)) report(["tests", index, "as"], undeclared(test.as, declared));
    if (test.function !== undefined) checkFunction(test.function, ["tests", index, "function"], report);
    if (test.from !== undefined && parseSource(test.from) === undefined) {
      report(["tests", index, "from"], `"${test.from}" is no address: write one such as 10.0.0.5`);
    }
    if (test.as === null && (test.id ?? test.tags ?? test.kind) !== undefined) {
      report(
        ["tests", index, "as"],
        "as: null is nobody of the registry: id, tags and kind belong to someone with a role",
      );
    }
    if (test.because !== undefined && test.expect === "permit") {
      report(["tests", index, "because"], "a permit has no reason: remove because, or expect deny");
    }
  }
  return problems;
}

function checkRule(rule: RuleText, path: Path, declared: ReadonlySet<string>, report: Report): void {
  if ((rule.permit === undefined) === (rule.forbid === undefined)) {
    report(path, `rule "${rule.id}" needs one of permit and forbid`);
  }
  const [wanted, other] = rule.forbid === undefined ? (["allow", "deny"] as const) : (["deny", "allow"] as const);
  if (rule[wanted] === undefined) report(path, `rule "${rule.id}" needs ${wanted}: what it is about`);
  if (rule[other] !== undefined) report([...path, other], `${other} does not belong in this rule: write ${wanted}`);
  for (const effect of ["permit", "forbid"] as const) {
    if (rule[effect] !== undefined) checkSubjects(rule[effect], [...path, effect], declared, report);
  }
  for (const [index, unit] of (rule.units ?? []).entries()) checkUnit(unit, [...path, "units", index], report);
  checkWhen(rule, path, report);
  for (const key of ["rate", "approval"] as const) {
    if (rule.forbid !== undefined && rule[key] !== undefined) {
      report([...path, key], `${key} is a condition of what a permit allows: a forbid has none`);
    }
  }
  if (rule.approval?.by !== undefined) checkRoles(rule.approval.by, [...path, "approval", "by"], declared, report);
  for (const side of ["allow", "deny"] as const) {
    for (const [index, entry] of (rule[side] ?? []).entries()) {
      checkEntry(entry, side === "deny", [...path, side, index], report);
    }
  }
}

function checkSubjects(subjects: SubjectsText, path: Path, declared: ReadonlySet<string>, report: Report): void {
  if (Object.values(subjects).every((part) => part === undefined)) {
    report(path, 'whom the rule is about: roles, ids, tags or kinds; everyone is roles: "*"');
  }
  if (subjects.roles !== undefined) checkRoles(subjects.roles, [...path, "roles"], declared, report);
}

function checkRoles(roles: RolesText, path: Path, declared: ReadonlySet<string>, report: Report): void {
  if (roles === "*") return;
  for (const [index, role] of roles.entries()) {
    if (!declared.has(role)) report([...path, index], undeclared(role, declared));
  }
}

function checkUnit(unit: RangeText, path: Path, report: Report): void {
  if (typeof unit === "number") return;
  const { start, end } = rangeOf(unit);
  if (end > 255) report(path, `units ${unit}: a unit is 0 to 255`);
  else if (start > end) report(path, `units ${unit}: the range runs backwards, write "${end}-${start}"`);
  else if (start === 0) report(path, `units ${unit}: broadcast is never implied by a range, list 0 by itself`);
}

function reportRepeated(names: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) report(index);
    seen.add(name);
  }
}

function undeclared(role: string, declared: ReadonlySet<string>): string {
  return `role "${role}" is not declared: roles has ${[...declared].join(", ") || "none"}${didYouMean(role, declared)}`;
}
