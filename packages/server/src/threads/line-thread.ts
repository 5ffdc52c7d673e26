import { parentPort, workerData } from "node:worker_threads";
import { Line } from "@modwarden/gateway";
import type { LineMessage, LineRequest, LineStart } from "./messages.ts";
import { codeOf, messageOf, systemCauseOf } from "./thread-error.ts";

/** The line's thread: sockets, sessions, judges, buses. Never SQLite, files, or a promise per request. */
if (parentPort === null) throw new Error("this module is a thread of a running site");
const port = parentPort;
const post = (message: LineMessage): void => port.postMessage(message);

async function run(start: LineStart): Promise<void> {
  const line = new Line(start.configuration, start.snapshot, start.rings);
  line.onPresented = (presented) => post({ kind: "presented", ...presented });
  line.onFingerprint = (device, seen) => post({ kind: "fingerprint", device, seen });
  line.onGrantUsed = (grant) => post({ kind: "grant-used", grant });
  port.on("message", (request: LineRequest) => {
    answer(line, request).catch((error: unknown) => {
      post({ kind: "refused", id: request.id, message: messageOf(error) });
    });
  });
  post({ kind: "open", urls: await line.open() });
}

async function answer(line: Line, request: LineRequest): Promise<void> {
  switch (request.kind) {
    case "apply": {
      const closed = line.apply(request.snapshot);
      post({ kind: "applied", id: request.id, epoch: line.epoch, closed });
      return;
    }
    case "change": {
      const closed = line.change(request.change, request.epoch);
      post({ kind: "applied", id: request.id, epoch: line.epoch, closed });
      return;
    }
    case "enforce":
      line.enforce(request.policy, request.epoch);
      post({ kind: "applied", id: request.id, epoch: line.epoch, closed: 0 });
      return;
    case "renew":
      line.renew(request.tls);
      post({ kind: "renewed", id: request.id });
      return;
    case "status": {
      const { epoch, counters } = line;
      const status = { epoch, counters, devices: line.devices(), connections: line.connections() };
      post({ kind: "status", id: request.id, status });
      return;
    }
    case "values":
      post({ kind: "values", id: request.id, answers: request.queries.map((query) => line.values(query)) });
      return;
    case "grant":
      post({ kind: "granted", id: request.id, taken: line.grant(request.grant) });
      return;
    case "withdraw":
      post({ kind: "withdrawn", id: request.id, found: line.withdraw(request.grant) });
      return;
    case "close":
      await line.close(request.drainMs);
      post({ kind: "closed", id: request.id });
      port.close();
      return;
  }
}

run(workerData as LineStart).catch((error: unknown) => {
  const cause = systemCauseOf(error);
  post({ kind: "failed", code: codeOf(error), message: messageOf(error), ...(cause === undefined ? {} : { cause }) });
  port.close();
});
