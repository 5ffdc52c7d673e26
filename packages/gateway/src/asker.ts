import type { Location } from "@modwarden/access";
import type { Moment, Question } from "@modwarden/policy";
import type { Verdict } from "./judge.ts";
import type { Slot } from "./slot.ts";

/** On whose behalf a transaction is: a client's session, or the gateway itself. */
export interface Asker {
  readonly location: Location;
  readonly transport: "tcp" | "tls";
  /** What a policy is asked about one of its transactions; undefined: it is none that a policy decides. */
  questionOf(slot: Slot, device: string, moment: Moment | undefined): Question | undefined;
  /** Judges a transaction of its own, as things stand now. */
  judge(slot: Slot): Verdict;
  /** One of its transactions has ended; it is answered when it is ready. */
  concluded(): void;
  /** Takes the answer, and gives the slot back. */
  ready(slot: Slot): void;
}
