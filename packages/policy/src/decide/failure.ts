import type { Access } from "@modwarden/access";
import { inNetwork, parseSource } from "../language/network.ts";
import { transportBit } from "../language/transports.ts";
import type { Coverage } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { brokenLimit, type LimitFailure } from "../rules/limits.ts";
import type { Question } from "./question.ts";

/** Why a coverage that is about an element does not cover it. */
export type Failure = "source" | "transport" | "partial" | LimitFailure;

/** How near to permitting: the later a condition stands in the order of judgement, the nearer. */
export function nearness(failure: Failure): number {
  if (failure === "source") return 1;
  if (failure === "transport") return 2;
  return failure === "partial" ? 3 : 4;
}

/** What a decision knows about its question, found out once. One object serves every question of a policy. */
export class Circumstances {
  question!: Question;
  transport = 0;
  /** Set while the access in hand touches part of a point of several registers. */
  partlyTouched: PolicyDevice | undefined;
  #source: readonly number[] | undefined;
  #sourceIsParsed = false;

  begin(question: Question): void {
    this.question = question;
    this.transport = transportBit(question.transport);
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

  transportHolds(coverage: Coverage): boolean {
    return (coverage.transports & this.transport) !== 0;
  }
}

/** The first condition that fails for one element, or undefined when the coverage covers it. */
export function failureOf(
  coverage: Coverage,
  access: Access,
  address: number,
  circumstances: Circumstances,
): Failure | undefined {
  if (!circumstances.sourceHolds(coverage)) return "source";
  if (!circumstances.transportHolds(coverage)) return "transport";
  const device = circumstances.partlyTouched;
  if (device !== undefined && isPartial(device, access, address)) return "partial";
  return coverage.limits === undefined ? undefined : brokenLimit(coverage.limits, access, address);
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
