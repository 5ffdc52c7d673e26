import type { Access } from "@modwarden/access";
import { inNetwork, parseSource } from "../language/network.ts";
import { transportBit } from "../language/transports.ts";
import type { Coverage } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { brokenLimit, type LimitFailure } from "../rules/limits.ts";
import { interlockState } from "./interlock-state.ts";
import type { Question } from "./question.ts";
import { brokenStep } from "./step-state.ts";

/** Why a coverage that is about an element does not cover it. "later": the moment decides, and is not looked at yet. */
export type Failure =
  | "source"
  | "transport"
  | "time"
  | "partial"
  | LimitFailure
  | "later"
  | "step"
  | "slew"
  | "interlock"
  | "approval"
  | "rate";

const ranks: Readonly<Record<Failure, number>> = {
  source: 1,
  transport: 2,
  time: 3,
  partial: 4,
  min: 5,
  max: 5,
  values: 5,
  mask: 5,
  later: 6,
  step: 6,
  slew: 7,
  interlock: 8,
  approval: 9,
  rate: 10,
};

/** How near to permitting: the later a condition stands in the order of judgement, the nearer. */
export function nearness(failure: Failure): number {
  return ranks[failure];
}

/** What a decision knows about its question, found out once. One object serves every question of a policy. */
export class Circumstances {
  question!: Question;
  transport = 0;
  /** Only what needs no moment is judged; what the moment decides is noted. */
  screening = false;
  /** While screening: something that the moment decides has been passed over. */
  depends = false;
  /** Set while the access in hand touches part of a point of several registers. */
  partlyTouched: PolicyDevice | undefined;
  #source: readonly number[] | undefined;
  #sourceIsParsed = false;

  begin(question: Question, screening: boolean): void {
    this.question = question;
    this.transport = transportBit(question.transport);
    this.screening = screening;
    this.depends = false;
    this.partlyTouched = undefined;
    this.#sourceIsParsed = false;
  }

  /** False when the rule names sources and the client's is another one, or not known. */
  sourceHolds(coverage: Coverage): boolean {
    const { networks } = coverage;
    if (networks === undefined) return true;
    if (!this.#sourceIsParsed) {
      const text = this.question.source;
      this.#source = text === undefined ? undefined : parseSource(text);
      this.#sourceIsParsed = true;
    }
    const source = this.#source;
    return source !== undefined && networks.some((network) => inNetwork(network, source));
  }

  /** The access method: the transport, and the listener where the rule names some. */
  transportHolds(coverage: Coverage): boolean {
    if ((coverage.transports & this.transport) === 0) return false;
    const { listeners } = coverage.rule;
    if (listeners === undefined) return true;
    const { listener } = this.question;
    return listener !== undefined && listeners.has(listener);
  }

  timeHolds(coverage: Coverage): boolean {
    const { hours } = coverage.rule;
    if (hours === undefined) return true;
    const { atMs } = this.question;
    return atMs !== undefined && hours.holds(atMs);
  }
}

/** The first condition that fails for one element, or undefined when the coverage covers it. `address` of the access. */
export function failureOf(
  coverage: Coverage,
  access: Access,
  address: number,
  circumstances: Circumstances,
): Failure | undefined {
  if (coverage.unconditional && circumstances.partlyTouched === undefined) {
    return (coverage.transports & circumstances.transport) === 0 ? "transport" : undefined;
  }
  if (!circumstances.sourceHolds(coverage)) return "source";
  if (!circumstances.transportHolds(coverage)) return "transport";
  if (!circumstances.timeHolds(coverage)) return "time";
  const device = circumstances.partlyTouched;
  if (device !== undefined && isPartial(device, access, address)) return "partial";
  const { limits } = coverage;
  const broken = limits === undefined ? undefined : brokenLimit(limits, access, address);
  if (broken !== undefined || !coverage.stateful) return broken;
  return circumstances.screening ? "later" : stateFailure(coverage, access, address, circumstances.question);
}

/** What depends on the moment, in the order of judgement. */
function stateFailure(coverage: Coverage, access: Access, address: number, question: Question): Failure | undefined {
  const { rule, limits } = coverage;
  const { moment } = question;
  if (limits?.step !== undefined) {
    const broken = brokenStep(limits, limits.step, access, address, moment);
    if (broken !== undefined) return broken;
  }
  for (const interlock of rule.interlocks ?? []) {
    if (interlockState(interlock, question.device, moment).kind !== "holds") return "interlock";
  }
  if (rule.approval !== undefined && moment?.approved(rule.id, question) !== true) return "approval";
  if (rule.rate === undefined) return undefined;
  return question.subject !== null && moment?.hasToken(rule.rate, question.subject) === true ? undefined : "rate";
}

/** Whether a forbid counts. While screening one that the moment decides is passed over, and noted. */
export function forbids(coverage: Coverage, circumstances: Circumstances): boolean {
  if (!circumstances.sourceHolds(coverage) || !circumstances.transportHolds(coverage)) return false;
  if (!circumstances.timeHolds(coverage)) return false;
  const { interlocks } = coverage.rule;
  if (interlocks === undefined) return true;
  if (circumstances.screening) {
    circumstances.depends = true;
    return false;
  }
  // Unsure means no: what is not known, or too old, forbids.
  const { device, moment } = circumstances.question;
  return interlocks.every((interlock) => interlockState(interlock, device, moment).kind !== "fails");
}

/** The device, when the write touches part of one of its points of several registers. */
export function partlyTouched(device: PolicyDevice | undefined, access: Access): PolicyDevice | undefined {
  if (!access.write || access.table === null || device?.profile === undefined) return undefined;
  return device.profile.partial(access.table, access.address, access.quantity) === undefined ? undefined : device;
}

/** Whether a point that holds the element reaches beyond the access. */
function isPartial(device: PolicyDevice, access: Access, address: number): boolean {
  const points = access.table === null ? undefined : device.profile?.pointsAt(access.table, address, 1);
  return (
    points?.some(
      (point) => point.address < access.address || point.address + point.count > access.address + access.quantity,
    ) ?? false
  );
}
