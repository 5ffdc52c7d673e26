import { parentPort, workerData } from "node:worker_threads";
import { AuditLog, Recorder, Reserve } from "@modwarden/audit";
import type { RecorderMessage, RecorderRequest, RecorderStart, RecorderStatus } from "./messages.ts";
import { codeOf, messageOf, systemCauseOf } from "./thread-error.ts";

/** The recorder's thread: ordering, Merkle tree, checkpoints, group commit. It never judges. */
if (parentPort === null) throw new Error("this module is a thread of a running site");
const port = parentPort;
const post = (message: RecorderMessage): void => port.postMessage(message);

/** Longest sleep with nothing to do: a checkpoint is due a second after the last new record. */
const IDLE_MS = 100;

/** Below this much free space the operator is told, and at a large reserve before. */
const LOW_ROOM_BYTES = 256e6;

/** A log that finds no room to start has the reserve of the run before. */
function openLog(start: RecorderStart, now: () => Date, reserve: Reserve | undefined): AuditLog {
  const { dir, site, gateway, retain } = start;
  try {
    return AuditLog.open({ dir, site, gateway, retain, now });
  } catch (error) {
    if (codeOf(error) !== "ERR_AUDIT_FULL" || reserve?.release() !== true) throw error;
    return AuditLog.open({ dir, site, gateway, retain, now });
  }
}

async function run(start: RecorderStart): Promise<void> {
  const now = (): Date => new Date();
  const { reserveBytes } = start;
  const reserve = reserveBytes === 0 ? undefined : new Reserve(`${start.dir}-reserve`, reserveBytes);
  const log = openLog(start, now, reserve);
  const recorder = new Recorder({
    log,
    rings: start.rings,
    now,
    ...(reserve !== undefined && { reserve, warnBelowBytes: Math.max(LOW_ROOM_BYTES, 4 * reserveBytes) }),
  });
  const status = (): RecorderStatus => ({
    records: log.size,
    checkpointed: log.covered,
    checkpoint: log.lastCheckpoint,
    failed: recorder.state !== "working",
    state: recorder.state,
    log: log.id,
    fingerprint: log.keyFingerprint,
  });
  let stopping: number | undefined;
  port.on("message", (request: RecorderRequest) => {
    if (request.kind === "close") stopping = request.id;
    else {
      if (request.kind === "checkpoint") {
        recorder.step();
        recorder.checkpoint();
      }
      post({ kind: "status", id: request.id, status: status() });
    }
  });
  post({ kind: "open", status: status() });
  let alarmed = false;
  let low = false;
  while (stopping === undefined) {
    recorder.step();
    const failed = recorder.state !== "working";
    if (failed && !alarmed) {
      post({
        kind: "alarm",
        message:
          recorder.state === "stuck"
            ? "the audit log is stuck, what must be on record is refused: its disk is full. Free some space there; it goes on by itself"
            : "the audit log has failed, what must be on record is refused: look after its disk, then start the site again",
      });
    }
    alarmed = failed;
    if (recorder.low && !low) {
      post({ kind: "alarm", message: "there is little room left on the audit log's disk: free some space" });
    }
    ({ low } = recorder);
    await recorder.wait(IDLE_MS);
  }
  recorder.stop();
  post({ kind: "closed", id: stopping });
  port.close();
}

run(workerData as RecorderStart).catch((error: unknown) => {
  const cause = systemCauseOf(error);
  post({ kind: "failed", code: codeOf(error), message: messageOf(error), ...(cause === undefined ? {} : { cause }) });
  port.close();
});
