import type { Look } from "../looks/look.ts";
import type { IndexMessage, IndexRequest, IndexStart } from "../threads/messages.ts";
import { codeOf, messageOf } from "../threads/thread-error.ts";
import { ThreadHandle } from "../threads/thread-handle.ts";
import type { AuditAnswer, AuditQuestion } from "./question.ts";

/** After so long a site is up, and following its log is in nobody's way. */
const START_MS = 10_000;
/** Questions under way at a time; each may take seconds. */
const MOST_ASKED = 8;

export interface LiveIndexOptions {
  /** The folder of the log. */
  readonly dir: string;
  /** Records that somebody looks, before it is answered. */
  readonly looked: (look: Look) => Promise<void>;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

/**
 * The index of a running site's log, in a thread of its own: neither control nor the line wait for it. It begins when
 * it is first asked, or a while after the start.
 */
export class LiveIndex {
  readonly #options: LiveIndexOptions;
  readonly #timer: NodeJS.Timeout;
  #handle: ThreadHandle<IndexStart, IndexRequest, IndexMessage> | undefined;
  #asked = 0;
  #stopped = false;

  constructor(options: LiveIndexOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#thread(), START_MS);
    this.#timer.unref();
  }

  /** Undefined when too much is asked at a time. */
  async ask(question: AuditQuestion): Promise<AuditAnswer | undefined> {
    if (this.#stopped || this.#asked >= MOST_ASKED) return undefined;
    this.#asked += 1;
    try {
      const message = await this.#thread().ask({ kind: "ask", question });
      return message.kind === "answer" ? message.answer : undefined;
    } catch (error) {
      return { kind: "refused", code: codeOf(error), message: messageOf(error) };
    } finally {
      this.#asked -= 1;
    }
  }

  looked(look: Look): Promise<void> {
    return this.#options.looked(look);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#handle?.close({ kind: "close" });
  }

  /** One that has ended is started anew when it is asked. */
  #thread(): ThreadHandle<IndexStart, IndexRequest, IndexMessage> {
    if (this.#handle !== undefined) return this.#handle;
    const { dir, onNotice } = this.#options;
    const handle: ThreadHandle<IndexStart, IndexRequest, IndexMessage> = new ThreadHandle(
      "index",
      { dir },
      (message: IndexMessage) => {
        if (message.kind === "alarm") onNotice(message.message);
      },
    );
    this.#handle = handle;
    void handle.ended.then((reason) => {
      if (this.#handle === handle) this.#handle = undefined;
      if (!this.#stopped) onNotice(`the index of the audit log: ${messageOf(reason)}`);
    });
    return handle;
  }
}
