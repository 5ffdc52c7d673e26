import { type RingWriter, whenDurable } from "@modwarden/audit";

/** How long a change waits for its record; the recorder's own alarm speaks of what lasts longer. */
const WAIT_MS = 5_000;

/** Resolves when everything that `writer` has pushed is in the log; rejects after five seconds, and when the log cannot. */
export async function untilDurable(ring: SharedArrayBuffer, writer: RingWriter): Promise<void> {
  const durable = whenDurable(ring, writer.pushed);
  if (durable === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the log has not taken a record in ${WAIT_MS} ms`)), WAIT_MS);
  });
  try {
    await Promise.race([durable, late]);
  } finally {
    clearTimeout(timer);
  }
}
