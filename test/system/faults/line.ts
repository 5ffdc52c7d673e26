/** The line in a thread of its own, in front of one device. */
import { parentPort, workerData } from "node:worker_threads";
import { Line, type LineConfiguration, type LineSnapshot } from "@modwarden/gateway";

export interface LineJob {
  readonly configuration: LineConfiguration;
  readonly snapshot: LineSnapshot;
  readonly rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer };
}

const { configuration, snapshot, rings } = workerData as LineJob;
const line = new Line(configuration, snapshot, rings);
const [url] = await line.open();
parentPort?.on("message", () => {
  void line.close(0).then(() => parentPort?.close());
});
parentPort?.postMessage(url);
