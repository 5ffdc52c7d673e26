import type { Because, Explanation } from "@modwarden/access";
import type { Policy, Question } from "../decide/question.ts";
import { functionReference, halvesOf } from "../language/function-reference.ts";
import type { PolicyDocument } from "../language/read.ts";
import type { Observation } from "../observation.ts";
import { Groups, type ReplayGroup } from "./groups.ts";
import { type Doubt, PastState } from "./past-state.ts";
import { type UnknownFact, Worlds } from "./worlds.ts";

export interface ReplayOptions {
  /** Equal reads may stand there as one record, so that not each has its time. Of a log it is so. */
  readonly hasRollups: boolean;
  /** What its records do not say. */
  readonly unknown: readonly UnknownFact[];
}

/** What another policy would have decided otherwise. Numbers count requests. */
export interface ReplayResult {
  readonly transactions: number;
  readonly changed: number;
  readonly newlyDenied: readonly ReplayGroup[];
  readonly newlyPermitted: readonly ReplayGroup[];
  /** What depends on something that the past does not show. */
  readonly undecided: number;
  readonly undecidedGroups: readonly ReplayGroup[];
  /** The sums behind the lists; a list has no room for more than a thousand groups. */
  readonly denied: number;
  readonly permitted: number;
  /** What the gateway refuses whatever the policy says: malformed requests, units without a route. */
  readonly unaffected: number;
  /** Of the policy that was tried. */
  readonly policy: string;
}

/** What the gateway refuses before or after the policy is asked; and whoever has no role, no policy permits anything. */
const gatewayReasons: ReadonlySet<Because> = new Set([
  ...(["malformed", "function", "unknown-subject", "route", "profile", "outstanding", "audit"] as const),
]);

/** Asks a policy the questions of the past, one after another in the order of their times. */
export class Replayer {
  readonly #policy: Policy;
  readonly #state: PastState;
  readonly #worlds: Worlds;
  readonly #denied = new Groups();
  readonly #permitted = new Groups();
  readonly #undecided = new Groups();
  #transactions = 0;
  #unaffected = 0;

  constructor(policy: Policy, document: PolicyDocument, { hasRollups, unknown }: ReplayOptions) {
    this.#policy = policy;
    this.#worlds = new Worlds(document.value, unknown);
    this.#state = new PastState(policy.watches, hasRollups ? readingRates(document) : new Set());
  }

  add(observation: Observation): void {
    if (observation.own !== true) this.#judge(observation);
    this.#state.note(observation);
  }

  get result(): ReplayResult {
    return {
      transactions: this.#transactions,
      changed: this.#denied.count + this.#permitted.count,
      newlyDenied: this.#denied.list,
      newlyPermitted: this.#permitted.list,
      undecided: this.#undecided.count,
      undecidedGroups: this.#undecided.list,
      denied: this.#denied.count,
      permitted: this.#permitted.count,
      unaffected: this.#unaffected,
      policy: this.#policy.hash,
    };
  }

  #judge(observation: Observation): void {
    const { question, count, permitted, because } = observation;
    this.#transactions += count;
    if (!permitted && because !== undefined && gatewayReasons.has(because)) {
      this.#unaffected += count;
      return;
    }
    const doubt: Doubt = { missing: false, unseen: false };
    const asked = { ...question, atMs: observation.lastMs };
    const explanation = this.#decide(asked, doubt);
    const permits = this.#wouldPermit(explanation);
    this.#take(question, explanation, observation.lastMs);
    const isCountedOnly = question.accesses.length === 0;
    if (isCountedOnly) this.#undecided.add(observation, explanation, because);
    else if ((permits ? doubt.unseen : doubt.missing) || !this.#isSameInAllWorlds(asked, permits)) {
      this.#undecided.add(observation, explanation, reasonOf(explanation));
    } else if (permits !== permitted) {
      if (permits) this.#permitted.add(observation, explanation, because);
      else this.#denied.add(observation, explanation, reasonOf(explanation));
    }
  }

  #decide(asked: Question & { readonly atMs: number }, doubt: Doubt): Explanation {
    const { atMs } = asked;
    const screened = this.#policy.screen(asked);
    if (screened !== undefined) return screened;
    const state = this.#state;
    for (const { device, table, address, quantity, maxAgeMs } of this.#policy.needs(asked)) {
      for (let index = 0; index < quantity; index += 1) {
        if (!state.isFresh(atMs, device, table, address + index, maxAgeMs)) doubt.missing = true;
      }
    }
    return this.#policy.decide({ ...asked, moment: state.at(atMs, doubt) });
  }

  /** Whatever the past does not say of who asked and where. */
  #isSameInAllWorlds(asked: Question & { readonly atMs: number }, permits: boolean): boolean {
    const worlds = this.#worlds.of(asked);
    return (
      worlds?.every((world) => {
        if (world === asked) return true;
        const doubt: Doubt = { missing: false, unseen: false };
        const other = this.#wouldPermit(this.#decide({ ...world, atMs: asked.atMs }, doubt));
        return other === permits && !(other ? doubt.unseen : doubt.missing);
      }) ?? false
    );
  }

  #take({ subject }: Question, explanation: Explanation, atMs: number): void {
    if (!explanation.permit || subject === null) return;
    for (const rate of this.#policy.uses(explanation)?.rates ?? []) this.#state.take(rate, subject, atMs);
  }

  /** As if it were in force: a policy in shadow mode is tried for what it would refuse. */
  #wouldPermit({ permit, shadow }: Explanation): boolean {
    return this.#policy.mode === "shadow" ? (shadow?.permit ?? permit) : permit;
  }
}

function reasonOf({ because, shadow }: Explanation): Because | undefined {
  return because ?? shadow?.because;
}

/** Rules with a rate whose tokens reads use up: where reads are rolled up, nobody knows when. */
function readingRates(document: PolicyDocument): ReadonlySet<string> {
  const reading = document.value.rules.filter(
    ({ rate, allow }) =>
      rate !== undefined &&
      (allow ?? []).some(
        ({ read, functions }) =>
          read !== undefined ||
          (functions ?? []).some((text) => {
            const halves = halvesOf(functionReference(text).code);
            return halves.length === 0 || halves.every(({ write }) => !write);
          }),
      ),
  );
  return new Set(reading.map(({ id }) => id));
}
