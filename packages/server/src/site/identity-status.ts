import type { IdentityEvent, IdentityService } from "@modwarden/identity";
import type { IdentityStatus } from "../http/index.ts";

/** Counts refusals as they come, and everybody else when it is asked. */
export class IdentityCounts {
  #refused = 0;
  /** What the log did not take comes again. */
  #last = 0;

  see(events: readonly IdentityEvent[]): void {
    for (const { edge, event } of events) {
      if (edge <= this.#last) continue;
      this.#last = edge;
      if (event === "refused") this.#refused += 1;
    }
  }

  status(identity: Pick<IdentityService, "subjectsSnapshot" | "events">): IdentityStatus {
    const subjects = identity.subjectsSnapshot();
    const count = (...states: readonly string[]): number =>
      subjects.filter(({ state }) => states.includes(state)).length;
    return {
      registered: subjects.length,
      active: count("active"),
      unconfirmed: count("claimed"),
      pending: count("pending"),
      refused: this.#refused,
      undelivered: identity.events.undelivered,
    };
  }
}
