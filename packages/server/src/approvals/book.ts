import { type Approval, type ApprovalState, isSamePerson, nameOf, type Person, type Step } from "./approval.ts";
import { type Draft, Entry, type Standing } from "./entry.ts";
import { ApprovalError } from "./error.ts";

export interface BookLimits {
  /** Open and granted ones together. */
  readonly open: number;
  readonly openPerSubject: number;
  /** Ended ones that can still be looked at. */
  readonly recent: number;
}

const defaultBookLimits: BookLimits = { open: 1_000, openPerSubject: 20, recent: 200 };

/**
 * Every approval of a running site, in memory: none outlives the process. It decides and says what was done; recording
 * it and telling the line are for whoever calls. Times are milliseconds since 1970.
 */
export class ApprovalBook {
  readonly #limits: BookLimits;
  /** Open and granted. */
  readonly #live = new Map<string, Entry>();
  /** The newest last. */
  readonly #ended = new Map<string, Entry>();
  #refusedFull = 0;

  constructor(limits: BookLimits = defaultBookLimits) {
    this.#limits = limits;
  }

  /** How many requests a bound refused since the start. */
  get refusedFull(): number {
    return this.#refusedFull;
  }

  /** Those that people are waited for and those that wait for their use first, the newest last. */
  list(): readonly Approval[] {
    return [...this.#ended.values(), ...this.#live.values()].map((entry) => entry.view());
  }

  /** Error: ERR_APPROVAL_UNKNOWN */
  show(id: string): Approval {
    return this.#find(id).view();
  }

  has(id: string): boolean {
    return this.#live.has(id) || this.#ended.has(id);
  }

  /** `id` is not in the book yet. Error: ERR_APPROVAL_FULL */
  request(id: string, draft: Draft, nowMs: number): Step {
    const ofSubject = [...this.#live.values()].filter((entry) => entry.isOf(draft.subject.id)).length;
    if (this.#live.size >= this.#limits.open || ofSubject >= this.#limits.openPerSubject) {
      this.#refusedFull += 1;
      const whose = ofSubject >= this.#limits.openPerSubject ? `${draft.subject.id} has` : "there are";
      throw new ApprovalError(
        "ERR_APPROVAL_FULL",
        `${whose} as many open approvals as there may be: use, withdraw or deny one, or wait until one expires`,
      );
    }
    const entry = new Entry(id, draft, nowMs);
    this.#live.set(id, entry);
    return { event: "requested", approval: entry.view(), by: draft.requestedBy };
  }

  /**
   * One person's yes; with the last one that is needed it is granted. `person` is as they stand now. Errors:
   * ERR_APPROVAL_UNKNOWN, -_ENDED, -_EXPIRED, -_OWN, -_TWICE, -_ROLE
   */
  approve(id: string, person: Person, nowMs: number): readonly Step[] {
    const entry = this.#open(id);
    if (entry.isOwn(person)) {
      throw new ApprovalError("ERR_APPROVAL_OWN", `${nameOf(person)} has asked for ${id}: somebody else approves it`);
    }
    if (entry.approvals.some(({ by }) => isSamePerson(by, person))) {
      throw new ApprovalError(
        "ERR_APPROVAL_TWICE",
        `${nameOf(person)} has approved ${id}: another person has to agree`,
      );
    }
    if (!entry.waitsFor(person)) throw wrongRole(entry, person);
    entry.approvals.push({ by: person, atMs: nowMs });
    const approved: Step = { event: "approved", approval: entry.view(), by: person };
    if (!entry.isSatisfied()) return [approved];
    entry.state = "granted";
    return [approved, { event: "granted", approval: entry.view() }];
  }

  /** A no of anybody who could approve. Errors as `approve`, but for -_TWICE */
  deny(id: string, person: Person, reason: string | undefined, nowMs: number): Step {
    const entry = this.#live.get(id) ?? this.#open(id);
    if (entry.isOwn(person)) {
      throw new ApprovalError("ERR_APPROVAL_OWN", `${nameOf(person)} has asked for ${id}: withdraw it instead`);
    }
    if (!entry.mayApprove(person)) throw wrongRole(entry, person);
    return this.#end(entry, "denied", reason, nowMs, person);
  }

  /** By whom it was asked for, or whose it is. Errors: ERR_APPROVAL_UNKNOWN, -_ENDED, -_EXPIRED, -_ROLE */
  withdraw(id: string, person: Person, nowMs: number): Step {
    const entry = this.#live.get(id) ?? this.#open(id);
    if (!entry.isOwn(person)) {
      throw new ApprovalError("ERR_APPROVAL_ROLE", `${nameOf(person)} has not asked for ${id}: deny it instead`);
    }
    return this.#end(entry, "withdrawn", undefined, nowMs, person);
  }

  /**
   * The line has used it. What it used is used, also where it ended here meanwhile; undefined where nothing was there
   * to be used.
   */
  used(id: string, nowMs: number): Step | undefined {
    const entry = this.#live.get(id) ?? this.#ended.get(id);
    if (entry === undefined || entry.state === "used" || !entry.isSatisfied()) return undefined;
    return this.#end(entry, "used", undefined, nowMs);
  }

  /** What cannot be recorded, or that the line does not take. */
  void(id: string, reason: string, nowMs: number): Step | undefined {
    const entry = this.#live.get(id);
    return entry === undefined ? undefined : this.#end(entry, "void", reason, nowMs);
  }

  voidAll(reason: string, nowMs: number): readonly Step[] {
    return [...this.#live.values()].map((entry) => this.#end(entry, "void", reason, nowMs));
  }

  /** Ends what is over. */
  expire(nowMs: number): readonly Step[] {
    return [...this.#live.values()]
      .filter((entry) => nowMs >= entry.expiresMs)
      .map((entry) => this.#end(entry, "expired", undefined, nowMs));
  }

  /** Ends what rests on a policy, a subject or a person that are not what they were; drops the yes of such a person. */
  reconsider(standing: Standing, nowMs: number): readonly Step[] {
    return [...this.#live.values()].flatMap((entry) => {
      const gone = entry.fallen(standing);
      if (gone !== undefined) return [this.#end(entry, "void", gone, nowMs)];
      const fallen = entry.approvals.filter(({ by }) => !stands(by, standing)).map(({ by }) => by);
      if (fallen.length === 0) return [];
      const reasonOf = (by: Person): string => `${nameOf(by)} is not active in the role that approved any more`;
      if (entry.state === "granted") return [this.#end(entry, "void", fallen.map(reasonOf).join("; "), nowMs)];
      return fallen.map((by): Step => {
        entry.approvals = entry.approvals.filter((approval) => !isSamePerson(approval.by, by));
        return { event: "dropped", approval: entry.view(), by, reason: reasonOf(by) };
      });
    });
  }

  #find(id: string): Entry {
    const entry = this.#live.get(id) ?? this.#ended.get(id);
    if (entry === undefined) throw unknown(id);
    return entry;
  }

  #open(id: string): Entry {
    const entry = this.#find(id);
    if (entry.state === "open") return entry;
    if (entry.state === "expired") throw new ApprovalError("ERR_APPROVAL_EXPIRED", `${id} has expired: ask again`);
    const why = entry.reason === undefined ? "" : ` (${entry.reason})`;
    throw new ApprovalError("ERR_APPROVAL_ENDED", `${id} is ${entry.state}${why}`);
  }

  #end(
    entry: Entry,
    state: ApprovalState & Step["event"],
    reason: string | undefined,
    nowMs: number,
    by?: Person,
  ): Step {
    entry.state = state;
    entry.endedMs = nowMs;
    entry.reason = reason;
    this.#live.delete(entry.id);
    this.#ended.set(entry.id, entry);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > this.#limits.recent && oldest !== undefined) this.#ended.delete(oldest);
    const approval = entry.view();
    return { event: state, approval, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  }
}

/** One sentence for ids that never were and for those that somebody may not see. */
export function unknown(id: string): ApprovalError {
  return new ApprovalError("ERR_APPROVAL_UNKNOWN", `there is no approval "${id}": modwarden approval list shows them`);
}

/** In the role in which they approved. */
function stands(person: Person, standing: Standing): boolean {
  return "operator" in person || standing.roleOf(person.id) === person.role;
}

function wrongRole(entry: Entry, person: Person): ApprovalError {
  const wanted = entry.rulesOpen().map(({ id, by }) => `${id}: ${by.join(", ")}`);
  const mine = "operator" in person ? "" : ` as ${person.role ?? "nobody in particular"}`;
  return new ApprovalError(
    "ERR_APPROVAL_ROLE",
    `${nameOf(person)} may not approve ${entry.id}${mine}: it waits for ${wanted.join("; ")}`,
  );
}
