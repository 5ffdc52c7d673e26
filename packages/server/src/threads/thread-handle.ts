import { Worker } from "node:worker_threads";
import type { ThreadFailure } from "./messages.ts";
import { ThreadError } from "./thread-error.ts";

/** Longest wait for an answer of a thread that is alive; beyond it something is badly wrong. */
const ANSWER_MS = 30_000;
/** A thread that has closed everything ends by itself, soon. */
const END_MS = 5_000;

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
  /** Resolves when the thread has ended, with the reason as far as it is known. */
  readonly ended: Promise<Error>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (message: Message) => void; reject: (error: Error) => void }>();
  readonly #onMessage: (message: Message) => void;
  #reason: Error;
  #over = false;
  #next = 1;

  constructor(name: string, start: Start, onMessage: (message: Message) => void) {
    const source = import.meta.url.endsWith(".ts");
    this.#onMessage = onMessage;
    this.#reason = new ThreadError("ERR_THREAD_ENDED", `the ${name} thread has ended`);
    this.#worker = new Worker(new URL(`./${name}-thread.${source ? "ts" : "js"}`, import.meta.url), {
      name,
      workerData: start,
      execArgv: source ? ["--conditions=@modwarden/source"] : [],
    });
    this.#worker.on("message", (message: Message) => this.#receive(message));
    this.#worker.on("error", (error: unknown) => {
      this.#reason = error instanceof Error ? error : new Error(String(error));
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#over = true;
        for (const waiting of this.#waiting.values()) waiting.reject(this.#reason);
        this.#waiting.clear();
        resolve(this.#reason);
      });
    });
  }

  /** Resolves with the first message of `kind`; rejects when the thread ends before. */
  async first<Kind extends Message["kind"]>(kind: Kind): Promise<Extract<Message, { readonly kind: Kind }>> {
    const opened = new Promise<Message>((resolve) => {
      this.#worker.on("message", (message: Message) => {
        if (message.kind === kind) resolve(message);
      });
    });
    const first = await Promise.race([opened, this.ended]);
    if (first instanceof Error) throw first;
    return first as Extract<Message, { readonly kind: Kind }>;
  }

  /** Sends a numbered request and resolves with its answer. Rejects at once when the thread has ended. */
  ask(request: Unnumbered<Request>): Promise<Message> {
    if (this.#over) return Promise.reject(this.#reason);
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

  /** Asks the thread to close and waits for its end; one that has ended already has said so elsewhere. */
  async close(request: Unnumbered<Request>): Promise<void> {
    if (this.#over) return;
    try {
      await this.ask(request);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, END_MS);
      await Promise.race([this.ended, late.promise]);
      clearTimeout(timer);
    } finally {
      await this.terminate();
    }
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: Message | ThreadFailure): void {
    if (isFailure(message)) {
      const { code, cause } = message;
      const options = cause === undefined ? {} : { cause: Object.assign(new Error(cause.message), cause) };
      this.#reason = new ThreadError(code, message.message, options);
      void this.terminate();
      return;
    }
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || waiting === undefined) {
      this.#onMessage(message);
      return;
    }
    this.#waiting.delete(message.id);
    waiting.resolve(message);
  }
}

function isFailure(message: Answer): message is ThreadFailure {
  return message.kind === "failed";
}
