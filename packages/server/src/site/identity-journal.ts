import { type RingWriter, serialiseRecord } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";
import { recordOf } from "./identity-record.ts";
import { LogEdges } from "./log-edges.ts";
import { untilDurable } from "./until-durable.ts";

export interface JournalParts {
  /** Folder of the log. */
  readonly dir: string;
  readonly ring: SharedArrayBuffer;
  readonly writer: RingWriter;
}

/** Takes identity events into the log of a running site, each once: kept when they are durable there. */
export function identityJournal({
  dir,
  ring,
  writer,
}: JournalParts): (events: readonly IdentityEvent[], left: number) => Promise<void> {
  const edges = new LogEdges(dir);
  return async (events, left) => {
    for (const event of edges.missing(events, left)) {
      const { time, kind, fields } = recordOf(event);
      if (!writer.pushText(serialiseRecord(time, kind, fields))) {
        throw new Error("an identity event found no room in the record; it is kept and tried again");
      }
      edges.added(event);
    }
    await untilDurable(ring, writer);
  };
}
