import type { Path, Problem, SourceDocument } from "@modwarden/document";
import { functionProblem, functionReference, halvesOf } from "./function-reference.ts";
import { hasLimits } from "./limits.ts";
import { parseNetwork, parseSource } from "./network.ts";
import { rangeOf } from "./range.ts";
import type { EntryText, FunctionText, PolicyFile, RangeText, RolesText, RuleText } from "./schema.ts";

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
    if (test.because !== undefined && test.expect === "permit") {
      report(["tests", index, "because"], "a permit has no reason: remove because, or expect deny");
    }
  }
  return problems;
}

type Report = (path: Path, message: string) => void;

function checkRule(rule: RuleText, path: Path, declared: ReadonlySet<string>, report: Report): void {
  if ((rule.permit === undefined) === (rule.forbid === undefined)) {
    report(path, `rule "${rule.id}" needs one of permit and forbid`);
  }
  const [wanted, other] = rule.forbid === undefined ? (["allow", "deny"] as const) : (["deny", "allow"] as const);
  if (rule[wanted] === undefined) report(path, `rule "${rule.id}" needs ${wanted}: what it is about`);
  if (rule[other] !== undefined) report([...path, other], `${other} does not belong in this rule: write ${wanted}`);
  for (const effect of ["permit", "forbid"] as const) {
    if (rule[effect] !== undefined) checkRoles(rule[effect].roles, [...path, effect, "roles"], declared, report);
  }
  for (const [index, unit] of (rule.units ?? []).entries()) checkUnit(unit, [...path, "units", index], report);
  for (const [index, source] of (rule.when?.sources ?? []).entries()) {
    if (parseNetwork(source) === undefined) {
      report([...path, "when", "sources", index], `"${source}" is no network: write one such as 10.2.0.0/16`);
    }
  }
  for (const side of ["allow", "deny"] as const) {
    for (const [index, entry] of (rule[side] ?? []).entries()) {
      checkEntry(entry, side === "deny", [...path, side, index], report);
    }
  }
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

function checkEntry(entry: EntryText, denies: boolean, path: Path, report: Report): void {
  const named = (["functions", "read", "write"] as const).filter((key) => entry[key] !== undefined);
  if (named.length !== 1) {
    report(path, "an entry names one thing: functions, or a point or label to read or to write");
    return;
  }
  for (const [index, range] of (entry.addresses ?? []).entries()) {
    checkAddress(range, [...path, "addresses", index], report);
  }
  for (const [index, code] of (entry.functions ?? []).entries()) {
    checkFunction(code, [...path, "functions", index], report);
  }
  if (entry.functions === undefined) {
    for (const key of ["table", "addresses"] as const) {
      if (entry[key] !== undefined) report([...path, key], `${key} belongs to functions: a point knows its own`);
    }
  } else {
    checkReach(entry, entry.functions, denies, path, report);
  }
  checkLimits(entry, denies, path, report);
}

function checkFunction(code: FunctionText, path: Path, report: Report): void {
  const problem = functionProblem(code);
  if (problem !== undefined) report(path, problem);
}

function checkAddress(range: RangeText, path: Path, report: Report): void {
  const { start, end } = rangeOf(range);
  if (end > 65535 || start > 65535) report(path, `addresses ${range}: an address is 0 to 65535`);
  else if (start > end) report(path, `addresses ${range}: the range runs backwards, write "${end}-${start}"`);
}

/**
 * A table or address that no listed function reaches is a slip: the entry would cover nothing. In a deny it has to be
 * there for each of them: a function that the file seems to forbid must not pass.
 */
function checkReach(
  entry: EntryText,
  functions: readonly FunctionText[],
  denies: boolean,
  path: Path,
  report: Report,
): void {
  if (denies && (entry.table !== undefined || entry.addresses !== undefined)) {
    for (const [index, code] of functions.entries()) {
      const reached = halvesOf(functionReference(code).code);
      if (reached.some((half) => (entry.table ?? half.table) === half.table)) continue;
      const missed = entry.table === undefined ? "has no addresses" : `does not touch the ${entry.table} table`;
      report([...path, "functions", index], `function ${code} ${missed}: deny it in an entry of its own`);
    }
    return;
  }
  const halves = functions.flatMap((code) => halvesOf(functionReference(code).code));
  if (entry.table !== undefined && !halves.some((half) => half.table === entry.table)) {
    report([...path, "table"], `none of these functions touches the ${entry.table} table`);
  } else if (entry.addresses !== undefined && halves.length === 0) {
    report([...path, "addresses"], "none of these functions has addresses");
  }
}

function checkLimits(entry: EntryText, denies: boolean, path: Path, report: Report): void {
  if (!hasLimits(entry)) return;
  const given = (["min", "max", "values", "mask"] as const).filter((key) => entry[key] !== undefined);
  const at = (key: PropertyKey): Path => [...path, key];
  if (denies) {
    for (const key of given) report(at(key), `${key} limits what a permit allows: a deny has no limits`);
    return;
  }
  const halves = (entry.functions ?? []).flatMap((code) => halvesOf(functionReference(code).code));
  const written = halves.filter((half) => half.write && (entry.table ?? half.table) === half.table);
  if (entry.functions === undefined ? entry.write === undefined : written.length === 0) {
    for (const key of given) report(at(key), `${key} judges written values, and this entry writes none`);
    return;
  }
  if (entry.min !== undefined && entry.max !== undefined && entry.min > entry.max) {
    report(at("min"), `min ${entry.min} is above max ${entry.max}: nothing would be permitted`);
  }
  if (entry.functions === undefined) return;
  for (const [index, code] of entry.functions.entries()) {
    if (halvesOf(functionReference(code).code).length > 0) continue;
    report(
      [...path, "functions", index],
      `what function ${code} writes cannot be judged: give it an entry without limits`,
    );
  }
  if (entry.mask !== undefined && !written.some((half) => half.table === "holding")) {
    report(at("mask"), "a mask judges registers, and this entry writes coils only");
  }
  const raw = [
    ...(["min", "max"] as const).map((key) => [at(key), entry[key]] as const),
    ...(entry.values ?? []).map((value, index) => [[...path, "values", index], value] as const),
  ];
  for (const [place, value] of raw) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 65535)) {
      report(
        place,
        `${value}: limits of a functions entry are raw registers, 0 to 65535; a point has engineering units`,
      );
    }
  }
}

function reportRepeated(names: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) report(index);
    seen.add(name);
  }
}

function undeclared(role: string, declared: ReadonlySet<string>): string {
  return `role "${role}" is not declared: roles has ${[...declared].join(", ") || "none"}`;
}
