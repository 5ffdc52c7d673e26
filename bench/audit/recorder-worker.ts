/** The recorder in a thread of its own, as a site runs it; `syncMs` makes a disk of it that takes so long for a sync. */
import * as fs from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { AuditLog, Recorder } from "@modwarden/audit";

export interface RecorderJob {
  readonly dir: string;
  readonly ring: SharedArrayBuffer;
  readonly syncMs: number;
}

const { dir, ring, syncMs } = workerData as RecorderJob;
const idle = new Int32Array(new SharedArrayBuffer(4));
const fdatasyncSync: typeof fs.fdatasyncSync = (fd) => {
  if (syncMs > 0) Atomics.wait(idle, 0, 0, syncMs);
  fs.fdatasyncSync(fd);
};
const now = (): Date => new Date();
const log = AuditLog.open({ dir, site: "bench", gateway: "gw1", now, fs: { ...fs, fdatasyncSync } });
const recorder = new Recorder({ log, rings: [ring], now });
let stopping = false;
parentPort?.on("message", () => {
  stopping = true;
});
parentPort?.postMessage("open");
while (!stopping) {
  recorder.step();
  await recorder.wait(100);
}
recorder.stop();
parentPort?.postMessage("stopped");
parentPort?.close();
