import { type Access, accessesOf, type Because, type Explanation, operationOf } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import type { Moment, Policy, Question } from "@modwarden/policy";
import type { Profile } from "@modwarden/profile";
import { addressOverflow, BadPduError, decodeRequest } from "@modwarden/protocol";
import type { Bus } from "./bus.ts";
import type { Slot } from "./slot.ts";
import type { Standing } from "./subjects.ts";

/** Exception codes the gateway itself answers with. MODBUS Application Protocol V1.1b3 § 7 */
export const exceptions = {
  illegalFunction: 1,
  illegalAddress: 2,
  illegalValue: 3,
  deviceFailure: 4,
  busy: 6,
  pathUnavailable: 10,
  noAnswer: 11,
} as const;

/** Where the request goes, or the exception that answers it. */
export type Verdict = Bus | number;

/** What a request is judged by. A session is one: nothing is made per request. */
export interface JudgeView {
  readonly policy: Policy;
  readonly standing: Standing;
  /** Why the client may have no more requests outstanding now; undefined when it may. */
  readonly busy: string | undefined;
  /** What the policy is asked about the slot. */
  questionOf(slot: Slot, device: string, moment: Moment | undefined): Question;
  /** The bus of a unit on this listener. */
  route(unit: number): Bus | undefined;
}

/**
 * The one order of judgement up to the queue: function code known (01) → subject (01, also for unknown units: no map
 * leaks) → body (03, then 02 for arithmetic) → unit has a route (0A) → policy, static part (01) → limits: outstanding
 * (06) → profile: point exists and is writable (02). Fills the slot's operation, accesses, findings and decision, which
 * stays open when it depends on what is known as the request leaves.
 */
export function judge(slot: Slot, view: JudgeView): Verdict {
  const { policy, standing } = view;
  slot.subject = standing.subject;
  slot.operation = operationOf(slot.functionCode);
  let fault: BadPduError | undefined;
  try {
    slot.request = decodeRequest(slot.requestPdu, 0, slot.requestBytes);
    slot.operation = operationOf(slot.functionCode, slot.request);
  } catch (error) {
    if (!(error instanceof BadPduError)) throw error;
    fault = error;
  }
  if (fault?.exception === exceptions.illegalFunction) {
    slot.findings.push(conformanceFinding("function-unknown", fault.message));
    return refuse(slot, policy, exceptions.illegalFunction, "function", fault.message);
  }
  if (standing.kind !== "known") {
    return refuse(slot, policy, exceptions.illegalFunction, "unknown-subject", standing.reason);
  }
  const request = slot.request;
  if (fault !== undefined || request === undefined) {
    const failed = fault?.message ?? "the request cannot be read";
    slot.findings.push(conformanceFinding("malformed-pdu", failed));
    return refuse(slot, policy, fault?.exception ?? exceptions.illegalValue, "malformed", failed);
  }
  const bus = view.route(slot.unit);
  slot.accesses = accessesOf(request, bus?.where ?? { device: null, unit: slot.unit });
  slot.isWrite = slot.accesses.some(isWrite);
  if (addressOverflow(request)) {
    slot.findings.push(conformanceFinding("address-overflow", "address and quantity reach beyond 65535"));
    return refuse(slot, policy, exceptions.illegalAddress, "malformed", "address and quantity reach beyond 65535");
  }
  if (bus === undefined) {
    return refuse(slot, policy, exceptions.pathUnavailable, "route", `unit ${slot.unit} has no route`);
  }
  if (bus.barred !== undefined) return refuse(slot, policy, exceptions.pathUnavailable, "route", bus.barred);
  slot.decision = policy.screen(view.questionOf(slot, bus.device.id, undefined));
  if (slot.decision?.permit === false) return exceptions.illegalFunction;
  if (view.busy !== undefined) return refuse(slot, policy, exceptions.busy, "outstanding", view.busy);
  const misfit = bus.profile === undefined ? undefined : outsideProfile(bus.profile, slot.accesses);
  if (misfit !== undefined) return refuse(slot, policy, exceptions.illegalAddress, "profile", misfit);
  return bus;
}

function isWrite(access: Access): boolean {
  return access.write;
}

/** Why the accesses do not fit the device's registers, or undefined when they do. */
function outsideProfile(profile: Profile, accesses: readonly Access[]): string | undefined {
  for (const { table, address, quantity, write } of accesses) {
    if (table === null) continue;
    if (!profile.covers(table, address, quantity)) {
      return `${rangeText(table, address, quantity)} is outside the device's registers`;
    }
    if (write && !profile.writable(table, address, quantity)) {
      return `${rangeText(table, address, quantity)} is not writable`;
    }
    if (!write && !profile.readable(table, address, quantity)) {
      return `${rangeText(table, address, quantity)} is not readable`;
    }
  }
  return undefined;
}

function rangeText(table: string, address: number, quantity: number): string {
  return quantity === 1 ? `${table} ${address}` : `${table} ${address} to ${address + quantity - 1}`;
}

export function refusal(policy: string, because: Because, failed: string): Explanation {
  return { permit: false, rules: [], because, failed, policy };
}

function refuse(slot: Slot, policy: Policy, exception: number, because: Because, failed: string): number {
  slot.decision = refusal(policy.hash, because, failed);
  return exception;
}
