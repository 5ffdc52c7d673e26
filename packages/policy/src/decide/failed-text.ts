import type { Access } from "@modwarden/access";
import { transportBit, transportNames } from "../language/transports.ts";
import type { Coverage } from "../rules/coverage.ts";
import type { Interlock } from "../rules/interlock.ts";
import { rawAt, touchedBits } from "../rules/limits.ts";
import type { RateLimit } from "../rules/rule.ts";
import type { Failure } from "./failure.ts";
import { type InterlockState, interlockState } from "./interlock-state.ts";
import { pointNumber } from "./point-number.ts";
import type { Question } from "./question.ts";
import { extremesOf, lastValue, writtenValue } from "./step-state.ts";

/** The element that is not permitted, and the coverage that came nearest. `address` of the access. */
export interface RefusedElement {
  readonly coverage: Coverage;
  readonly access: Access;
  readonly address: number;
  readonly question: Question;
}

/** "max 80, got 90": what the rule wants as the file says it, and what came. */
export function failedText(failure: Exclude<Failure, "partial" | "later">, refused: RefusedElement): string {
  const { coverage, access, address, question } = refused;
  const { rule } = coverage;
  switch (failure) {
    case "source":
      return `sources ${coverage.networks?.map((network) => network.text).join(", ")}, got ${question.source ?? "none"}`;
    case "transport":
      if (rule.listeners !== undefined && (coverage.transports & transportBit(question.transport)) !== 0) {
        return `listeners ${[...rule.listeners].join(", ")}, got ${question.listener ?? "none"}`;
      }
      return `transports ${transportNames(coverage.transports)}, got ${question.transport}`;
    case "time":
      return `hours ${rule.hours?.stated.join(", ")} (${rule.hours?.zone}), got ${timeText(question.atMs, rule.hours?.zone)}`;
    case "step":
    case "slew":
      return stepText(failure, refused);
    case "interlock":
      return interlockText(rule.interlocks ?? [], question);
    case "approval":
      return `approval by ${rule.approval?.people === 2 ? "2 people" : "1 person"}, got none`;
    case "rate":
      return rule.rate === undefined ? "rate" : rateText(rule.rate);
    case "mask":
      return maskText(coverage, access, address);
    default: {
      const stated = coverage.limits?.stated[failure];
      const wanted = typeof stated === "number" ? String(stated) : stated?.join(", ");
      return `${failure} ${wanted}, got ${gotText(failure, coverage, access, address)}`;
    }
  }
}

function maskText(coverage: Coverage, access: Access, address: number): string {
  const stated = coverage.limits?.stated.mask;
  if (access.mask === undefined) return `mask ${hex(stated)}, got ${hex(access.values?.[address - access.address])}`;
  if (stated === undefined) return "no mask, got function 22 under a limit of values";
  return `mask ${hex(stated)}, got bits ${hex(touchedBits(access.mask))}`;
}

function gotText(failure: "min" | "max" | "values", coverage: Coverage, access: Access, address: number): string {
  const { limits } = coverage;
  const raw = limits === undefined ? undefined : rawAt(limits, access, address);
  if (limits === undefined || raw === undefined) return "no value";
  if (limits.point === undefined) return String(raw);
  const bound = failure === "values" ? undefined : limits.stated[failure];
  return pointNumber(limits.point, raw, bound);
}

function hex(register: number | undefined): string {
  return register === undefined ? "no value" : `0x${register.toString(16).padStart(4, "0")}`;
}

function stepText(failure: "step" | "slew", { coverage, access, address, question }: RefusedElement): string {
  const { limits } = coverage;
  const step = limits?.step;
  if (limits === undefined || step === undefined) return failure;
  const { maxStep, perSeconds } = limits.stated;
  const wanted = failure === "slew" ? `maxStep ${maxStep} in ${perSeconds} s` : `maxStep ${maxStep}`;
  const show = (raw: number | bigint): string =>
    limits.point === undefined ? String(raw) : pointNumber(limits.point, raw, undefined);
  const before = lastValue(limits, access, address, question.moment);
  if (before === undefined) return `${wanted}, the last value is not known`;
  if (before.ageMs > step.maxAgeMs) return `${wanted}, the last value is ${ageText(before.ageMs)} old`;
  const value = writtenValue(limits, access, address, before);
  if (value === undefined) return `${wanted}, got no value`;
  if (failure === "step") return `${wanted}, got ${show(value)} after ${show(before.raw)}`;
  const extremes = extremesOf(limits, step, access, address, question.moment);
  return extremes === undefined
    ? `${wanted}, got ${show(value)}`
    : `${wanted}, got ${show(value)} after ${show(extremes.least)} to ${show(extremes.most)}`;
}

/** The first interlock that does not hold. */
function interlockText(interlocks: readonly Interlock[], { device, moment }: Question): string {
  for (const interlock of interlocks) {
    const state = interlockState(interlock, device, moment);
    if (state.kind !== "holds") return `${wantedText(interlock)}, ${seenText(state, interlock)}`;
  }
  return "interlock";
}

/** Why a forbid counts although its interlock is not known to hold; undefined when it is. */
export function unsureText({ rule }: Coverage, { device, moment }: Question): string | undefined {
  for (const interlock of rule.interlocks ?? []) {
    const state = interlockState(interlock, device, moment);
    if (state.kind === "unknown") return `${interlock.stated.point}: ${seenText(state, interlock)}`;
  }
  return undefined;
}

function wantedText({ stated }: Interlock): string {
  const { point, equals, not, min, max, values } = stated;
  const parts = Object.entries({ equals, not, min, max, values: values?.join(", ") });
  return [point, ...parts.flatMap(([name, part]) => (part === undefined ? [] : [`${name} ${part}`]))].join(" ");
}

function seenText(state: InterlockState, { stated }: Interlock): string {
  if (state.kind !== "unknown") return `got ${state.value}`;
  if (state.ageMs === undefined) return "what stands there is not known";
  return `what is known is ${ageText(state.ageMs)} old, at most ${ageText(stated.maxAgeMs)} is wanted`;
}

function rateText({ burst, perMs }: RateLimit): string {
  const perSecond = Number((perMs * 1_000).toPrecision(3));
  return `${perSecond} requests a second with a burst of ${burst}, got more`;
}

function ageText(ageMs: number): string {
  return `${Number((ageMs / 1_000).toFixed(1))} s`;
}

function timeText(atMs: number | undefined, zone: string | undefined): string {
  if (atMs === undefined || zone === undefined) return "no time";
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(atMs);
}
