import type { Access, Because, Explanation } from "@modwarden/access";
import type { PolicyDevice } from "../rules/device.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Refusal } from "./decide.ts";
import { failedText, unsureText } from "./failed-text.ts";
import type { Question } from "./question.ts";

/** Says what was decided and why: the object that `explain`, the API and the record show. */
export class Explainer {
  readonly #policy: string;
  readonly #shadow: boolean;
  readonly #devices: ReadonlyMap<string, PolicyDevice>;
  /** A permit by one rule is the same object every time. */
  readonly #permits: Explanation[] = [];

  constructor(
    policy: string,
    mode: "enforce" | "shadow",
    rules: readonly CompiledRule[],
    devices: readonly PolicyDevice[],
  ) {
    this.#policy = policy;
    this.#shadow = mode === "shadow";
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { id, index } of rules) this.#permits[index] = permit([id], policy);
  }

  /** By the rules with these indexes; -1: by none so far, as a screening leaves it to the moment. */
  permitted(first: number, more: readonly number[]): Explanation {
    const one = this.#permits[first];
    if (one === undefined) return permit([], this.#policy);
    if (more.length === 0) return one;
    return permit([...one.rules, ...more.flatMap((index) => this.#permits[index]?.rules ?? [])], this.#policy);
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
    if (forbid !== undefined) return this.#refuse([forbid.rule.id], "forbid", unsureText(forbid, question), element);
    if (nearest === undefined) return this.#refuse([], "no-permit", undefined, element);
    const { failure } = nearest;
    const failed =
      failure === "partial"
        ? this.#partial(question, access, address)
        : failedText(failure, { coverage: nearest.coverage, access, address, question });
    return this.#refuse([nearest.coverage.rule.id], failure, failed, element);
  }

  #refuse(
    rules: readonly string[],
    because: Because,
    failed: string | undefined,
    firstUncovered: Explanation["firstUncovered"] | undefined,
  ): Explanation {
    const policy = this.#policy;
    // The two most frequent forms are written out: spreading costs more than all the rest of a refusal.
    if (!this.#shadow && firstUncovered !== undefined) {
      return failed === undefined
        ? { permit: false, rules, firstUncovered, because, policy }
        : { permit: false, rules, firstUncovered, because, failed, policy };
    }
    return {
      permit: this.#shadow,
      rules,
      ...(firstUncovered === undefined ? {} : { firstUncovered }),
      ...(this.#shadow ? {} : { because }),
      ...(failed === undefined ? {} : { failed }),
      policy,
      ...(this.#shadow ? { shadow: { permit: false, because } } : {}),
    };
  }

  #element(
    question: Question,
    access: Access,
    address: number,
    named?: string,
  ): NonNullable<Explanation["firstUncovered"]> {
    const { table, file } = access;
    if (file !== undefined) return { table, file, address };
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

function permit(rules: readonly string[], policy: string): Explanation {
  return Object.freeze({ permit: true, rules: Object.freeze(rules), policy });
}
