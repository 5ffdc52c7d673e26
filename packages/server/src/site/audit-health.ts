import { statfs } from "node:fs/promises";
import { type LogExtent, logExtent, parseCheckpoint } from "@modwarden/audit";
import type { SiteStatus } from "../http/index.ts";
import type { RecorderStatus } from "../threads/messages.ts";
import type { WitnessStatus } from "../witness/witness.ts";

/** What is asked of the disk, and not of the recorder, is asked this often. */
const LOOK_MS = 10_000;

/** How the log of a running site is. */
export class AuditHealth {
  readonly #dir: string;
  readonly #witnesses: () => readonly WitnessStatus[];
  #extent: LogExtent | undefined;
  #freeBytes: number | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(dir: string, witnesses: () => readonly WitnessStatus[]) {
    this.#dir = dir;
    this.#witnesses = witnesses;
  }

  /** Looks at the disk again when that is due. What cannot be read is not known. */
  async look(nowMs: number): Promise<void> {
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    try {
      this.#extent = logExtent(this.#dir, this.#extent);
      const { bavail, bsize } = await statfs(this.#dir);
      this.#freeBytes = bavail * bsize;
    } catch {
      // The recorder says by itself what is wrong with the log: here it is only not known.
      this.#extent = undefined;
      this.#freeBytes = null;
    }
  }

  status(recorder: RecorderStatus | undefined): SiteStatus["audit"] {
    const newest = recorder?.checkpoint === undefined ? undefined : parseCheckpoint(Buffer.from(recorder.checkpoint));
    return {
      records: recorder?.records ?? 0,
      checkpointed: recorder?.checkpointed ?? 0,
      failed: recorder?.failed ?? false,
      state: recorder?.state ?? "working",
      checkpoint: newest === undefined ? null : { size: newest.size, t: newest.t },
      segments: this.#extent?.segments ?? null,
      bytes: this.#extent?.bytes ?? null,
      oldest: this.#extent?.oldest ?? null,
      freeBytes: this.#freeBytes,
      witnesses: this.#witnesses(),
    };
  }
}
