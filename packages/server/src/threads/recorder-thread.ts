import { parentPort, workerData } from "node:worker_threads";
import { AuditLog, Recorder } from "@modwarden/audit";
import type { RecorderMessage, RecorderRequest, RecorderStart, RecorderStatus } from "./messages.ts";
import { codeOf, messageOf, systemCauseOf } from "./thread-error.ts";

/** The recorder's thread: ordering, Merkle tree, checkpoints, group commit. It never judges. */
if (parentPort === null) throw new Error("this module is a thread of a running site");
const port = parentPort;
const post = (message: RecorderMessage): void => port.postMessage(message);

/** Longest sleep with nothing to do: a checkpoint is due a second after the last new record. */
const IDLE_MS = 100;

async function run(start: RecorderStart): Promise<void> {
  const { dir, site, gateway, retain } = start;
  const log = AuditLog.open({ dir, site, gateway, retain, now: () => new Date() });
  const recorder = new Recorder({ log, rings: start.rings, now: () => new Date() });
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
  while (stopping === undefined) {
    recorder.step();
    const failed = recorder.state !== "working";
    if (failed && !alarmed) {
      post({
        kind: "alarm",
        message: `the audit log is ${recorder.state}: what must be on record is refused until it works`,
      });
    }
    alarmed = failed;
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
