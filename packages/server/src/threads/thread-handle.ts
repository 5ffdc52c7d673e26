import { Worker } from "node:worker_threads";
import { ThreadError } from "./thread-error.ts";

/** Longest wait for an answer of a thread that is alive; beyond it something is badly wrong. */
const ANSWER_MS = 30_000;

interface Answer {
  readonly kind: string;
  readonly id?: number;
}

/** Each member of a union of requests, less the number that the handle gives it. */
type Unnumbered<Request> = Request extends { readonly id: number } ? Omit<Request, "id"> : never;

/** A thread of the site: started with its data, asked by numbered messages, watched for its end. */
export class ThreadHandle<
  Start,
  Request extends { readonly id: number; readonly kind: string },
  Message extends Answer,
> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (message: Message) => void; reject: (error: Error) => void }>();
  readonly #onMessage: (message: Message) => void;
  readonly ended: Promise<Error | undefined>;
  #next = 1;

  constructor(name: string, start: Start, onMessage: (message: Message) => void) {
    const source = import.meta.url.endsWith(".ts");
    this.#onMessage = onMessage;
    this.#worker = new Worker(new URL(`./${name}-thread.${source ? "ts" : "js"}`, import.meta.url), {
      name,
      workerData: start,
      execArgv: source ? ["--conditions=@modwarden/source"] : [],
    });
    this.#worker.on("message", (message: Message) => this.#receive(message));
    this.ended = new Promise((resolve) => {
      let failure: Error | undefined;
      this.#worker.on("error", (error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
      });
      this.#worker.on("exit", () => {
        const reason = failure ?? new ThreadError("ERR_THREAD_ENDED", `the ${name} thread has ended`);
        for (const waiting of this.#waiting.values()) waiting.reject(reason);
        this.#waiting.clear();
        resolve(failure);
      });
    });
  }

  /** Sends a numbered request and resolves with its answer. */
  ask(request: Unnumbered<Request>): Promise<Message> {
    const id = this.#next;
    this.#next += 1;
    return new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new ThreadError("ERR_THREAD_SILENT", `no answer to "${request.kind}" within ${ANSWER_MS} ms`));
      }, ANSWER_MS);
      this.#waiting.set(id, {
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#worker.postMessage({ ...request, id });
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || waiting === undefined) {
      this.#onMessage(message);
      return;
    }
    this.#waiting.delete(message.id);
    waiting.resolve(message);
  }
}
