import type { Observation, UnknownFact } from "@modwarden/policy";

/** Where requests of the past come from: a log, or a capture. It can be gone through again and again. */
export interface Past {
  /** "the log data/audit", "the capture plant.pcap". */
  readonly name: string;
  readonly hasRollups: boolean;
  readonly unknown: readonly UnknownFact[];
  observations(): Iterable<Observation>;
  /** What was passed over since `observations` was called last, as a sentence; undefined: nothing. */
  passedOver(): string | undefined;
}
