import type { LineSnapshot } from "@modwarden/gateway";
import type { SubjectChange } from "@modwarden/identity";
import type { LineMessage } from "../threads/messages.ts";
import { ThreadError } from "../threads/thread-error.ts";
import type { LineHandle } from "./site-threads.ts";

/** Brings what changes in the registry and in the policy to the line: no more than what has changed. */
export class LineChanges {
  #line: LineHandle | undefined;
  #epoch = 1;

  /**
   * The line stands: `whole` is everything as of now, for what has changed while it was being started; from here on it
   * is told of every change.
   */
  async attach(line: LineHandle, whole: (epoch: number) => LineSnapshot): Promise<void> {
    this.#line = line;
    this.#epoch += 1;
    applied(await line.ask({ kind: "apply", snapshot: whole(this.#epoch) }));
  }

  /** The kept promise means that the line judges by it. */
  async subjects(change: SubjectChange): Promise<void> {
    if (this.#line === undefined) return;
    this.#epoch += 1;
    applied(await this.#line.ask({ kind: "change", change, epoch: this.#epoch }));
  }

  /** The same for another policy. */
  async policy(policy: LineSnapshot["policy"]): Promise<void> {
    if (this.#line === undefined) return;
    this.#epoch += 1;
    applied(await this.#line.ask({ kind: "enforce", policy, epoch: this.#epoch }));
  }
}

function applied(answer: LineMessage): void {
  if (answer.kind === "applied") return;
  const reason = answer.kind === "refused" ? answer.message : answer.kind;
  throw new ThreadError("ERR_THREAD_ANSWER", `the line did not apply the change: ${reason}`);
}
