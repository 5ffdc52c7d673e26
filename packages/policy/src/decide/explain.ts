import type { Access, Because, Explanation } from "@modwarden/access";
import { transportNames } from "../language/transports.ts";
import type { Coverage } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { rawAt, touchedBits } from "../rules/limits.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Refusal } from "./decide.ts";
import type { Failure } from "./failure.ts";
import { pointNumber } from "./point-number.ts";
import type { Question } from "./question.ts";

/** Says what was decided and why: the object that `explain`, the API and the record show. */
export class Explainer {
  readonly #policy: string;
  readonly #shadow: boolean;
  readonly #devices: ReadonlyMap<string, PolicyDevice>;
  /** A permit by one rule is the same object every time. */
  readonly #permits = new Map<CompiledRule, Explanation>();

  constructor(
    policy: string,
    mode: "enforce" | "shadow",
    rules: readonly CompiledRule[],
    devices: readonly PolicyDevice[],
  ) {
    this.#policy = policy;
    this.#shadow = mode === "shadow";
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const rule of rules) this.#permits.set(rule, permit([rule], policy));
  }

  permitted(used: readonly CompiledRule[]): Explanation {
    const [first] = used;
    const known = used.length === 1 && first !== undefined ? this.#permits.get(first) : undefined;
    return known ?? permit(used, this.#policy);
  }

  unknownSubject(question: Question): Explanation {
    const first = question.accesses[0];
    const failed = question.subject === null ? "the subject is not in the registry" : "the subject has no role";
    return this.#refuse([], "unknown-subject", failed, first && this.#element(question, first, first.address));
  }

  /** `refusal` undefined: there is nothing that could be permitted. */
  refused(question: Question, refusal: Refusal | undefined): Explanation {
    if (refusal === undefined) return this.#refuse([], "no-permit", undefined, undefined);
    const { access, address, forbid, nearest } = refusal;
    const coverage = forbid ?? nearest?.coverage;
    const element = this.#element(question, access, address, coverage?.point?.id);
    if (forbid !== undefined) return this.#refuse([forbid.rule.id], "forbid", undefined, element);
    if (nearest === undefined) return this.#refuse([], "no-permit", undefined, element);
    const { failure } = nearest;
    const failed =
      failure === "partial"
        ? this.#partial(question, access, address)
        : failedText(failure, nearest.coverage, access, address, question);
    return this.#refuse([nearest.coverage.rule.id], failure, failed, element);
  }

  #refuse(
    rules: readonly string[],
    because: Because,
    failed: string | undefined,
    firstUncovered: Explanation["firstUncovered"] | undefined,
  ): Explanation {
    return {
      permit: this.#shadow,
      rules,
      ...(firstUncovered === undefined ? {} : { firstUncovered }),
      ...(this.#shadow ? {} : { because }),
      ...(failed === undefined ? {} : { failed }),
      policy: this.#policy,
      ...(this.#shadow ? { shadow: { permit: false, because } } : {}),
    };
  }

  #element(
    question: Question,
    access: Access,
    address: number,
    named?: string,
  ): NonNullable<Explanation["firstUncovered"]> {
    const { table } = access;
    const point = named ?? (table === null ? undefined : this.#pointAt(question, table, address));
    return point === undefined ? { table, address } : { table, address, point };
  }

  #pointAt(question: Question, table: NonNullable<Access["table"]>, address: number): string | undefined {
    const profile = question.device === null ? undefined : this.#devices.get(question.device)?.profile;
    return profile?.pointsAt(table, address, 1)[0]?.id;
  }

  #partial(question: Question, access: Access, address: number): string {
    const last = access.address + access.quantity - 1;
    const point = access.table === null ? undefined : this.#pointAt(question, access.table, address);
    return `all registers of ${point ?? "the point"}, got ${access.address} to ${last}`;
  }
}

function permit(used: readonly CompiledRule[], policy: string): Explanation {
  const rules = Object.freeze(used.map((rule) => rule.id));
  return Object.freeze({ permit: true, rules, policy });
}

/** "max 80, got 90": what the rule wants as the file says it, and what came. */
function failedText(
  failure: Exclude<Failure, "partial">,
  coverage: Coverage,
  access: Access,
  address: number,
  question: Question,
): string {
  switch (failure) {
    case "source":
      return `sources ${coverage.networks?.map((network) => network.text).join(", ")}, got ${question.source ?? "none"}`;
    case "transport":
      return `transports ${transportNames(coverage.transports)}, got ${question.transport}`;
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
