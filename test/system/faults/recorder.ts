/** The recorder as a site runs it, over a disk that fails when it is told to. */
import * as fs from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { AuditLog, Recorder } from "@modwarden/audit";
import { type Fault, faults, type RecorderJob } from "./fault.ts";

/** A sync of the slow disk. */
const SLOW_MS = 50;

const { dir, ring, fault } = workerData as RecorderJob;
const switched = new Int32Array(fault);
const idle = new Int32Array(new SharedArrayBuffer(4));
const now = (): Date => new Date();
const is = (name: Fault): boolean => faults[Atomics.load(switched, 0)] === name;
const fail = (code: string): never => {
  throw Object.assign(new Error(code), { code });
};
const write = fs.writeSync as (...parameters: readonly unknown[]) => number;
const faulty = {
  ...fs,
  writeSync: (...parameters: readonly unknown[]): number => {
    if (is("full")) fail("ENOSPC");
    if (is("write error")) fail("EIO");
    return write(...parameters);
  },
  fdatasyncSync: (fd: number): void => {
    if (is("sync error")) fail("EIO");
    if (is("slow")) Atomics.wait(idle, 0, 0, SLOW_MS);
    fs.fdatasyncSync(fd);
  },
};
const log = AuditLog.open({ dir, site: "faulty", gateway: "gw1", now, fs: faulty as typeof fs });
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
try {
  recorder.stop();
} catch {
  // A log that has failed says so to its rings; the next start takes it up as it is.
}
parentPort?.close();
