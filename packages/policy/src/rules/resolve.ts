import type { Path, Problem } from "@modwarden/document";
import { DocumentError, didYouMean } from "@modwarden/document";
import type { Point, Profile } from "@modwarden/profile";
import { ModbusError } from "@modwarden/protocol";
import { hoursOf, interlocksOf } from "../language/check-when.ts";
import { functionReference } from "../language/function-reference.ts";
import { parseNetwork } from "../language/network.ts";
import { inRanges, mergeRanges, rangeOf } from "../language/range.ts";
import type { PolicyDocument } from "../language/read.ts";
import type { EntryText, LabelText, RuleText } from "../language/text.ts";
import { transportBits } from "../language/transports.ts";
import { approvalNeed, rateLimit } from "./conditions.ts";
import type { PolicyDevice } from "./device.ts";
import { resolveInterlock } from "./interlock.ts";
import { limitProblem, pointLimits, registerLimits } from "./limits.ts";
import { countsHere, type PolicyLocation } from "./location.ts";
import type { CompiledEntry, CompiledRule, EntryPoint } from "./rule.ts";
import { createTimeWindows } from "./time-windows.ts";

const MAX_PROBLEMS = 20;
const WITHOUT_SITE =
  "this file names devices, points or labels, so it needs the site's devices: name the site with --site";

/** Resolves the names of a policy against the site's devices. Throws DocumentError with the place of every problem. */
export function resolveRules(
  document: PolicyDocument,
  devices: readonly PolicyDevice[],
  location?: PolicyLocation,
): readonly CompiledRule[] {
  return resolveEveryRule(document, devices).filter(({ index }) => countsHere(document.value.rules[index]!, location));
}

/** With those that count elsewhere: a mistake in one of them is a mistake all the same. */
export function resolveEveryRule(document: PolicyDocument, devices: readonly PolicyDevice[]): readonly CompiledRule[] {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push(document.problem(path, message));
  const rules = document.value.rules.map((rule, index) => resolveRule(rule, index, devices, report));
  if (problems.length > 0) throw new DocumentError(document.file, problems.slice(0, MAX_PROBLEMS));
  return rules;
}

type Report = (path: Path, message: string) => void;

function resolveRule(rule: RuleText, index: number, devices: readonly PolicyDevice[], report: Report): CompiledRule {
  const path = ["rules", index];
  const effect = rule.forbid ?? rule.permit;
  const units = rule.units === undefined ? undefined : mergeRanges(rule.units.map(rangeOf));
  for (const [at, id] of (rule.devices ?? []).entries()) {
    const device = devices.find((candidate) => candidate.id === id);
    if (device === undefined) report([...path, "devices", at], unknownDevice(id, devices));
    else if (units !== undefined && !inRanges(units, device.unit)) {
      report([...path, "devices", at], `device "${id}" is unit ${device.unit}, which units leaves out`);
    }
  }
  const reached = devices.filter(
    (device) => (rule.devices?.includes(device.id) ?? true) && (units === undefined || inRanges(units, device.unit)),
  );
  const side = rule.forbid === undefined ? "allow" : "deny";
  const entries = (rule[side] ?? []).map((entry, at) =>
    resolveEntry(entry, rule, [...path, side, at], reached, devices, report),
  );
  const { transports, listeners, sources, hours, tz } = rule.when ?? {};
  const { ids, tags, kinds } = effect ?? {};
  const interlocks = interlocksOf(rule.when?.interlock).map((interlock, at) => {
    const place = Array.isArray(rule.when?.interlock) ? ["interlock", at] : ["interlock"];
    return resolveInterlock(interlock, [...path, "when", ...place], reached, devices, report);
  });
  return {
    id: rule.id,
    index,
    forbid: rule.forbid !== undefined,
    shadow: rule.mode === "shadow",
    roles: effect?.roles === undefined || effect.roles === "*" ? "*" : new Set(effect.roles),
    ...(ids === undefined ? {} : { ids: new Set(ids) }),
    ...(tags === undefined ? {} : { tags: new Set(tags) }),
    ...(kinds === undefined ? {} : { kinds: new Set(kinds) }),
    ...(units === undefined ? {} : { units }),
    ...(rule.devices === undefined ? {} : { devices: new Set(rule.devices) }),
    ...(transports === undefined ? {} : { transports: transportBits(transports) }),
    ...(listeners === undefined ? {} : { listeners: new Set(listeners) }),
    ...(hours === undefined || tz === undefined ? {} : { hours: createTimeWindows(hoursOf(hours), tz) }),
    ...(interlocks.length === 0 ? {} : { interlocks }),
    ...(rule.rate === undefined ? {} : { rate: rateLimit(rule.id, rule.rate) }),
    ...(rule.approval === undefined ? {} : { approval: approvalNeed(rule.approval, effect) }),
    ...(sources === undefined ? {} : { networks: sources.flatMap((source) => parseNetwork(source) ?? []) }),
    entries,
  };
}

function resolveEntry(
  entry: EntryText,
  rule: RuleText,
  path: Path,
  reached: readonly PolicyDevice[],
  devices: readonly PolicyDevice[],
  report: Report,
): CompiledEntry {
  if (entry.functions !== undefined) {
    const limits = registerLimits(entry);
    if (limits?.step?.withinMs !== undefined) reportFollowedPoints(entry, path, reached, report);
    return {
      kind: "functions",
      functions: entry.functions.map(functionReference),
      ...(entry.table === undefined ? {} : { table: entry.table }),
      ...(entry.addresses === undefined ? {} : { addresses: mergeRanges(entry.addresses.map(rangeOf)) }),
      ...(entry.files === undefined ? {} : { files: mergeRanges(entry.files.map(rangeOf)) }),
      ...(entry.records === undefined ? {} : { records: mergeRanges(entry.records.map(rangeOf)) }),
      ...(limits === undefined ? {} : { limits }),
    };
  }
  const write = entry.write !== undefined;
  const named = entry.write ?? entry.read ?? "";
  const place = [...path, write ? "write" : "read"];
  const points = new Map<string, readonly EntryPoint[]>();
  for (const device of reached) {
    const { profile } = device;
    const found = profile === undefined ? [] : pointsNamed(named, write, profile);
    if (found.length === 0 && rule.devices !== undefined) report(place, missing(named, write, [device], devices));
    if (profile !== undefined && found.length > 0)
      points.set(device.id, entryPoints(entry, profile, found, place, report));
  }
  if (points.size === 0 && rule.devices === undefined) report(place, missing(named, write, reached, devices));
  return { kind: "points", write, points };
}

/** A register that is followed as the point that it is must not be followed as a raw number as well. */
function reportFollowedPoints(entry: EntryText, path: Path, reached: readonly PolicyDevice[], report: Report): void {
  for (const { id, profile } of reached) {
    for (const { start, end } of (entry.addresses ?? []).map(rangeOf)) {
      for (const table of ["holding", "coil"] as const) {
        const [point] = profile?.pointsAt(table, start, end - start + 1) ?? [];
        if (point === undefined || (entry.table !== undefined && entry.table !== table)) continue;
        report(
          [...path, "perSeconds"],
          `address ${point.address} is point ${point.id} of ${id}: write the point instead`,
        );
        return;
      }
    }
  }
}

/** Points of tables that cannot be written are never meant by a write. */
function pointsNamed(named: string | LabelText, write: boolean, profile: Profile): readonly Point[] {
  const reachable = (point: Point) => !write || point.table === "coil" || point.table === "holding";
  if (typeof named !== "string") {
    return profile.points.filter((point) => point.labels.includes(named.label) && reachable(point));
  }
  const point = profile.point(named);
  return point !== undefined && reachable(point) ? [point] : [];
}

function entryPoints(
  entry: EntryText,
  profile: Profile,
  points: readonly Point[],
  place: Path,
  report: Report,
): readonly EntryPoint[] {
  return points.map((point) => {
    const problem = limitProblem(entry, point);
    if (problem !== undefined) {
      report(place, problem);
      return { point };
    }
    try {
      const limits = pointLimits(entry, profile, point);
      return limits === undefined ? { point } : { point, limits };
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error;
      report([...place.slice(0, -1), "values"], error.message);
      return { point };
    }
  });
}

function unknownDevice(id: string, devices: readonly PolicyDevice[]): string {
  if (devices.length === 0) return `device "${id}" is not known: ${WITHOUT_SITE}`;
  const ids = devices.map((device) => device.id);
  return `there is no device "${id}": the site has ${ids.join(", ")}${didYouMean(id, ids)}`;
}

function missing(
  named: string | LabelText,
  write: boolean,
  reached: readonly PolicyDevice[],
  devices: readonly PolicyDevice[],
): string {
  const what = typeof named === "string" ? `point "${named}"` : `label "${named.label}"`;
  if (devices.length === 0) return `${what} is not known: ${WITHOUT_SITE}`;
  if (reached.length === 0) return `${what} is not known: no device of the site has one of these units`;
  const where = reached.map((device) => (device.profile ? device.id : `${device.id} (no profile)`)).join(", ");
  const wanted = write ? `${what} that can be written` : what;
  const isLabel = typeof named === "string" && reached.some(({ profile }) => hasLabel(profile, named));
  const hint = isLabel ? `; for the label write { label: ${named} }` : meant(named, reached);
  return `there is no ${wanted} on ${where}${hint}`;
}

function meant(named: string | LabelText, reached: readonly PolicyDevice[]): string {
  const points = reached.flatMap(({ profile }) => profile?.points ?? []);
  if (typeof named === "string") return didYouMean(named, new Set(points.map((point) => point.id)));
  return didYouMean(named.label, new Set(points.flatMap((point) => point.labels)));
}

function hasLabel(profile: Profile | undefined, label: string): boolean {
  return profile?.points.some((point) => point.labels.includes(label)) ?? false;
}
