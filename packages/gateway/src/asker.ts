import type { Location } from "@modwarden/access";
import type { Verdict } from "./judge.ts";
import type { Slot } from "./slot.ts";

/** On whose behalf a transaction is: a client's session, or the gateway itself. */
export interface Asker {
  readonly location: Location;
  readonly transport: "tcp" | "tls";
  /** Judges a transaction of its own, as things stand now. */
  judge(slot: Slot): Verdict;
  /** One of its transactions has ended; it is answered when it is ready. */
  concluded(): void;
  /** Takes the answer, and gives the slot back. */
  ready(slot: Slot): void;
}
