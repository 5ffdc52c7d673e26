import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { AuditIndex } from "@modwarden/audit";
import { answerFrom } from "../audit-index/answer.ts";
import type { IndexMessage, IndexRequest, IndexStart } from "./messages.ts";
import { codeOf, messageOf } from "./thread-error.ts";

/** The thread of the log's index: it follows the log and answers what is asked. It reads the log and never writes it. */
if (parentPort === null) throw new Error("this module is a thread of a running site");
const port = parentPort;
const post = (message: IndexMessage): void => port.postMessage(message);

/** Between looks for new records, when there are none. */
const IDLE_MS = 1_000;

async function run({ dir }: IndexStart): Promise<void> {
  let index: AuditIndex | undefined;
  const open = (): AuditIndex => {
    index ??= new AuditIndex({ dir });
    return index;
  };
  const stopping = new AbortController();
  port.on("message", (request: IndexRequest) => {
    if (request.kind === "close") {
      post({ kind: "closed", id: request.id });
      stopping.abort();
    } else
      post({ kind: "answer", id: request.id, answer: answerFrom(open, request.question, () => performance.now()) });
  });
  let failed = false;
  while (!stopping.signal.aborted) {
    let more = false;
    try {
      more = open().step();
      failed = false;
    } catch (error) {
      if (!failed) post({ kind: "alarm", message: `the index of the audit log: ${messageOf(error)}` });
      failed = true;
    }
    // Questions come between two steps, and what waits for the end is no error.
    await delay(more ? 0 : IDLE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
  index?.close();
  port.close();
}

run(workerData as IndexStart).catch((error: unknown) => {
  post({ kind: "failed", code: codeOf(error), message: messageOf(error) });
  port.close();
});
