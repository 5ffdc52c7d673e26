/** The recorder of kill-child.ts, in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { AuditLog } from "../log/audit-log.ts";
import { Recorder } from "../recorder/recorder.ts";

const { dir, ring } = workerData as { readonly dir: string; readonly ring: SharedArrayBuffer };
const now = (): Date => new Date();
const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now, segmentBytes: 512 * 1024 });
const recorder = new Recorder({ log, rings: [ring], now, checkpointMs: 5 });
parentPort?.postMessage("open");
for (;;) {
  recorder.step();
  await recorder.wait(5);
}
