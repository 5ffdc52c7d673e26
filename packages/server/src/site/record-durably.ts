import type { RingWriter } from "@modwarden/audit";
import { untilDurable } from "./until-durable.ts";

/** Gives the recorder one record and resolves when it is on disk. */
export async function recordDurably(ring: SharedArrayBuffer, writer: RingWriter, record: string): Promise<void> {
  if (!writer.pushText(record)) throw new Error("the record found no room on its way to the log");
  await untilDurable(ring, writer);
}
