import { type RingWriter, serialiseRecord, whenDurable } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";
import { recordOf } from "./identity-record.ts";
import { LogEdges } from "./log-edges.ts";

/** How long a change waits for its record; the recorder's own alarm speaks of what lasts longer. */
const WAIT_MS = 5_000;

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
    const durable = whenDurable(ring, writer.pushed);
    if (durable === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the log has not taken an identity event in ${WAIT_MS} ms`)), WAIT_MS);
    });
    try {
      await Promise.race([durable, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
