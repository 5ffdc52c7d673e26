import { type JsonValue, newestRecord } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";

/** How far clocks may have been set between an event and what stands before it in the log. */
const SLACK_MS = 600_000;
/** Of 64 MiB each. What is not found there is recorded again: its number tells that it is the same. */
const SEGMENTS = 16;

/**
 * Which events are in the log already. They go in by one writer in the order of their edges, so the last that is there
 * says it of all; it is looked for once, and only when a process before this one left some behind.
 */
export class LogEdges {
  readonly #dir: string;
  #last: number | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Those that are not in the log; `left` as `IdentityOptions.deliver` has it. */
  missing(events: readonly IdentityEvent[], left: number): readonly IdentityEvent[] {
    const [first] = events;
    if (first === undefined) return [];
    this.#last ??= first.edge > left ? first.edge - 1 : this.#lastEdge(first.at);
    const last = this.#last;
    return events.filter(({ edge }) => edge > last);
  }

  /** The event is on its way into the log, which has it or loses everything after it as well. */
  added(event: IdentityEvent): void {
    this.#last = event.edge;
  }

  #lastEdge(at: Date): number {
    const record = newestRecord(this.#dir, {
      contains: '"edge":',
      accept: ({ kind, edge }) => (kind === "enrolment" || kind === "identity") && isEdge(edge),
      since: new Date(at.getTime() - SLACK_MS).toISOString(),
      segments: SEGMENTS,
    });
    const edge = record?.["edge"];
    return isEdge(edge) ? edge : 0;
  }
}

function isEdge(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
