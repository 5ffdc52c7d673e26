import { type RingWriter, serialiseRecord, whenDurable } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";
import { recordOf } from "./identity-record.ts";

/** How long a change waits for its record; the recorder's own alarm speaks of what lasts longer. */
const WAIT_MS = 5_000;

/** Takes identity events into the log of a running site: kept when they are durable there. */
export function identityJournal(
  ring: SharedArrayBuffer,
  writer: RingWriter,
): (events: readonly IdentityEvent[]) => Promise<void> {
  /** The last edge that is in the ring: what is offered again, because the wait for it failed, is not written twice. */
  let pushed = 0;
  return async (events) => {
    for (const event of events) {
      if (event.edge <= pushed) continue;
      const { time, kind, fields } = recordOf(event);
      if (!writer.pushText(serialiseRecord(time, kind, fields))) {
        throw new Error("an identity event found no room in the record; it is kept and tried again");
      }
      pushed = event.edge;
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
