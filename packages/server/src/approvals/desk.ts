import type { SubjectRecord } from "@modwarden/identity";
import type { Policy, PolicyDevice } from "@modwarden/policy";
import type { Approval, Person, Step } from "./approval.ts";
import type { AskedApproval } from "./asked.ts";
import { ApprovalBook, unknown } from "./book.ts";
import { draftOf } from "./draft.ts";
import { ApprovalError } from "./error.ts";
import { type ApprovalLine, grantOf } from "./line.ts";
import { Pace } from "./pace.ts";
import { attemptFields, type RecordFields, stepFields } from "./record.ts";

export interface DeskParts {
  /** The policy in force. */
  readonly policy: () => Policy;
  readonly devices: readonly PolicyDevice[];
  /** What the registry says of an id, as of now. */
  readonly subject: (id: string) => SubjectRecord | undefined;
  /** Puts a record on its way into the log; false where it found no room. */
  readonly record: (fields: RecordFields) => boolean;
  /** Resolves when everything recorded so far is durable. */
  readonly durable: () => Promise<void>;
  readonly newId: () => string;
  readonly now: () => number;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

/** Who does something, and from where: over the network the holder of an identity, else the one at the control socket. */
export interface Caller {
  readonly person: Person;
  /** The address of a holder, which is also where its requests come from unless it says otherwise. */
  readonly source?: string;
}

const PACE = { burst: 60, perMinute: 30, people: 4_096 };
const TICK_MS = 1_000;

/**
 * Where approvals are asked for, given and taken back while a site runs. What it answers is durable in the log, and the
 * line has every grant before its last approver is told, and has lost it before anything else is said of it.
 */
export class ApprovalDesk {
  readonly #parts: DeskParts;
  readonly #book = new ApprovalBook();
  readonly #pace = new Pace(PACE);
  #line: ApprovalLine | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** The line stands. What was open in an earlier process is void: nothing of it is here. */
  start(line: ApprovalLine): void {
    this.#line = line;
    if (this.#parts.policy().approvals.size > 0) {
      this.#parts.record({ event: "void", reason: "the site starts: whatever was open before it ended is void" });
    }
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Everything open is void, on record before the log is closed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    const steps = this.#book.voidAll("the site stops", this.#parts.now());
    if (steps.length === 0) return;
    await this.#enter(steps);
    await this.#parts.durable();
  }

  /**
   * Asks people to approve. Errors: ERR_APPROVAL_QUESTION, -_IDENTITY, -_NOT_NEEDED, -_REFUSED, -_FULL, -_THROTTLED,
   * -_VOID
   */
  request(asked: AskedApproval, caller: Caller): Promise<Approval> {
    return this.#attempt("request", caller, { asked }, async () => {
      const { policy, devices, subject, now } = this.#parts;
      const line = this.#standing();
      const draft = await draftOf(asked, caller, { policy: policy(), devices, subject, line, nowMs: now() });
      await this.#settle();
      let id = this.#parts.newId();
      while (this.#book.has(id)) id = this.#parts.newId();
      const step = this.#book.request(id, draft, now());
      await this.#done(id, [step]);
      this.#parts.onNotice(
        `approval ${id}: ${draft.subject.id} wants ${draft.request.what}; \`modwarden approval approve ${id}\` or \`deny ${id}\``,
      );
      return this.#book.show(id);
    });
  }

  /** Errors: ERR_APPROVAL_UNKNOWN, -_ENDED, -_EXPIRED, -_OWN, -_TWICE, -_ROLE, -_THROTTLED, -_VOID */
  approve(id: string, caller: Caller): Promise<Approval> {
    return this.#attempt("approve", caller, { id }, async () => {
      const line = this.#standing();
      await this.#settle();
      this.#visible(id, caller);
      const steps = this.#book.approve(id, caller.person, this.#parts.now());
      await this.#done(id, steps);
      if (!steps.some(({ event }) => event === "granted")) return this.#book.show(id);
      // Whoever has approved has to be somebody who may now, too.
      await this.#settle();
      const granted = this.#book.show(id);
      if (granted.state === "granted" && !(await line.grant(grantOf(granted)))) {
        await this.#void(id, "the line has no room for more approvals");
      }
      return this.#notVoid(id);
    });
  }

  /** Errors: ERR_APPROVAL_UNKNOWN, -_ENDED, -_EXPIRED, -_OWN, -_ROLE, -_THROTTLED, -_VOID */
  deny(id: string, caller: Caller, reason?: string): Promise<Approval> {
    return this.#attempt("deny", caller, { id }, async () => {
      await this.#settle();
      this.#visible(id, caller);
      await this.#done(id, [this.#book.deny(id, caller.person, reason, this.#parts.now())]);
      return this.#notUsed(id);
    });
  }

  /** By whom it was asked for, or whose it is. Errors: ERR_APPROVAL_UNKNOWN, -_ENDED, -_EXPIRED, -_ROLE, -_THROTTLED, -_VOID */
  withdraw(id: string, caller: Caller): Promise<Approval> {
    return this.#attempt("withdraw", caller, { id }, async () => {
      await this.#settle();
      this.#visible(id, caller);
      await this.#done(id, [this.#book.withdraw(id, caller.person, this.#parts.now())]);
      return this.#notUsed(id);
    });
  }

  /** What the caller has asked for or could approve, the newest last; without a caller everything. */
  list(caller?: Caller): readonly Approval[] {
    return this.#book.list().filter((approval) => caller === undefined || maySee(approval, caller));
  }

  /** Error: ERR_APPROVAL_UNKNOWN */
  show(id: string, caller: Caller): Approval {
    return this.#visible(id, caller);
  }

  /** The line has permitted what was approved and uses it now. */
  used(id: string): void {
    const step = this.#book.used(id, this.#parts.now());
    // One that has ended so long ago that it is forgotten here was used all the same.
    this.#record(step === undefined ? { event: "used", approval: id } : stepFields(step));
  }

  /** The registry or the policy is not what it was: what rests on that is withdrawn when this resolves. */
  reconsider(): Promise<void> {
    return this.#settle();
  }

  /** Requests that a bound has refused since the start. */
  get refusedFull(): number {
    return this.#book.refusedFull;
  }

  async #settle(): Promise<void> {
    const { policy, subject, now } = this.#parts;
    const roleOf = (id: string): string | null | undefined => {
      const found = subject(id);
      return found?.state === "active" ? found.role : undefined;
    };
    const steps = [...this.#book.expire(now()), ...this.#book.reconsider({ policy: policy().hash, roleOf }, now())];
    if (steps.length > 0) await this.#enter(steps);
  }

  #tick(): void {
    this.#settle().catch((error: unknown) => {
      this.#parts.onNotice(`approvals: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  /** Records steps and takes from the line what ended. What is over is over whether it could be recorded or not. */
  async #enter(steps: readonly Step[]): Promise<boolean> {
    const recorded = steps.map((step) => this.#record(stepFields(step)));
    for (const { event, approval } of steps) {
      const wasThere = approval.rules.every(({ approvals, people }) => approvals >= people);
      if (wasThere && approval.ended !== null && event !== "used") await this.#line?.withdraw(approval.id);
    }
    return !recorded.includes(false);
  }

  /** What somebody did counts when it is durable; what cannot be recorded has not been. Error: ERR_APPROVAL_VOID */
  async #done(id: string, steps: readonly Step[]): Promise<void> {
    const reason = "it could not be recorded";
    if (!(await this.#enter(steps))) {
      await this.#void(id, reason);
      throw new ApprovalError("ERR_APPROVAL_VOID", `${id} is void: ${reason}`);
    }
    try {
      await this.#parts.durable();
    } catch (cause) {
      await this.#void(id, reason);
      throw new ApprovalError("ERR_APPROVAL_VOID", `${id} is void: ${reason}`, { cause });
    }
  }

  async #void(id: string, reason: string): Promise<void> {
    const step = this.#book.void(id, reason, this.#parts.now());
    if (step !== undefined) await this.#enter([step]);
  }

  /** Runs what somebody tries; one that fails is on record too. */
  async #attempt(
    attempt: string,
    { person }: Caller,
    about: { readonly id?: string; readonly asked?: AskedApproval },
    run: () => Promise<Approval>,
  ): Promise<Approval> {
    if (!("operator" in person)) {
      const verdict = this.#pace.take(person.id, this.#parts.now());
      const slow = new ApprovalError("ERR_APPROVAL_THROTTLED", "too many steps in a short time: wait a minute");
      if (verdict === "first") this.#record(attemptFields(attempt, person, about, slow.code));
      if (verdict !== "allowed") throw slow;
    }
    try {
      return await run();
    } catch (error) {
      if (error instanceof ApprovalError && error.code !== "ERR_APPROVAL_VOID") {
        this.#record(attemptFields(attempt, person, about, error.code));
        await this.#parts.durable();
      }
      throw error;
    }
  }

  #record(fields: RecordFields): boolean {
    const recorded = this.#parts.record(fields);
    if (!recorded) this.#parts.onNotice("a step of an approval found no room in the record");
    return recorded;
  }

  #standing(): ApprovalLine {
    if (this.#line !== undefined && !this.#isStopping) return this.#line;
    throw new ApprovalError("ERR_APPROVAL_VOID", "the site is starting or stopping: nothing can be approved now");
  }

  #visible(id: string, caller: Caller): Approval {
    const approval = this.#book.show(id);
    if (!maySee(approval, caller)) throw unknown(id);
    return approval;
  }

  #notVoid(id: string): Approval {
    const approval = this.#book.show(id);
    if (approval.state !== "void") return approval;
    throw new ApprovalError("ERR_APPROVAL_VOID", `${id} is void: ${approval.reason ?? "it does not stand any more"}`);
  }

  /** The line may have used it in the moment before it was taken away. */
  #notUsed(id: string): Approval {
    const approval = this.#book.show(id);
    if (approval.state !== "used") return approval;
    throw new ApprovalError("ERR_APPROVAL_ENDED", `${id} was used just before`);
  }
}

/** The operator sees everything; anybody else what they have asked for, or a rule names their role for. */
function maySee({ subject, requestedBy, rules, approvals }: Approval, { person }: Caller): boolean {
  if ("operator" in person) return true;
  const key = person.id.toLowerCase();
  const own = [subject, requestedBy, ...approvals.map(({ by }) => by)];
  return (
    own.some((other) => "id" in other && other.id.toLowerCase() === key) ||
    rules.some(({ by }) => person.role !== null && by.includes(person.role))
  );
}
