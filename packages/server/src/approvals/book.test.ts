import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Approval, isSamePerson, type Person, type Step } from "./approval.ts";
import { ApprovalBook } from "./book.ts";
import type { Draft, Standing } from "./entry.ts";
import { ApprovalError } from "./error.ts";

const operator: Person = { operator: true };
const person = (id: string, role: string | null = "Engineer"): Person => ({ id, role });
const [ada, ben, cleo] = [person("ada"), person("ben"), person("cleo", "Operator")];

const everyone: Readonly<Record<string, string | null>> = {
  hmi: "Operator",
  ada: "Engineer",
  ben: "Engineer",
  cleo: "Operator",
};
const standing = (change: Readonly<Record<string, string | null | undefined>> = {}, policy = "p1"): Standing => {
  const roles = { ...everyone, ...change };
  return { policy, roleOf: (id) => (Object.hasOwn(roles, id) ? roles[id] : undefined) };
};

function draft(change: Partial<Draft> = {}): Draft {
  return {
    subject: { id: "hmi", role: "Operator" },
    requestedBy: person("hmi", "Operator"),
    request: { device: "drive", unit: 3, function: 6, accesses: [], what: "drive control_word := 1279" },
    rules: [{ id: "reset", people: 1, by: ["Engineer"] }],
    policy: "p1",
    ttlMs: 60_000,
    ...change,
  };
}
const two: Draft["rules"] = [{ id: "reset", people: 2, by: ["Engineer"] }];

function open(change: Partial<Draft> = {}, nowMs = 0): ApprovalBook {
  const book = new ApprovalBook();
  book.request("A0", draft(change), nowMs);
  return book;
}

const names = (steps: readonly Step[]): readonly string[] => steps.map(({ event }) => event);
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ApprovalError) return error.code;
    throw error;
  }
  return "done";
}

describe("an approval", () => {
  it("by one person is granted with the first yes, and used once", () => {
    const book = open();
    expect(names(book.approve("A0", ada, 1_000))).toEqual(["approved", "granted"]);
    expect(book.show("A0")).toMatchObject({
      state: "granted",
      approvals: [{ by: ada, at: "1970-01-01T00:00:01.000Z" }],
    });
    expect(book.used("A0", 2_000)?.event).toBe("used");
    expect(book.used("A0", 2_000)).toBeUndefined();
    expect(book.list()).toMatchObject([{ id: "A0", state: "used", ended: "1970-01-01T00:00:02.000Z" }]);
  });

  it("by two needs two people, who are not one twice, and the operator at the site is one", () => {
    const book = open({ rules: two });
    expect(names(book.approve("A0", ada, 1))).toEqual(["approved"]);
    expect(codeOf(() => book.approve("A0", person("ADA"), 1))).toBe("ERR_APPROVAL_TWICE");
    expect(book.show("A0")).toMatchObject({ state: "open", rules: [{ people: 2, approvals: 1 }] });
    expect(names(book.approve("A0", operator, 1))).toEqual(["approved", "granted"]);
    const another = open({ rules: two });
    another.approve("A0", operator, 1);
    expect(codeOf(() => another.approve("A0", operator, 1))).toBe("ERR_APPROVAL_TWICE");
  });

  it("is never approved by whoever asks, nor by whom it is asked for", () => {
    const byHimself = open({ subject: { id: "ada", role: "Engineer" }, requestedBy: ada });
    expect(codeOf(() => byHimself.approve("A0", person("Ada"), 1))).toBe("ERR_APPROVAL_OWN");
    expect(codeOf(() => byHimself.deny("A0", ada, undefined, 1))).toBe("ERR_APPROVAL_OWN");
    const forAda = open({ subject: { id: "ada", role: "Engineer" }, requestedBy: operator });
    expect(codeOf(() => forAda.approve("A0", operator, 1))).toBe("ERR_APPROVAL_OWN");
    expect(codeOf(() => forAda.approve("A0", ada, 1))).toBe("ERR_APPROVAL_OWN");
    expect(names(forAda.approve("A0", ben, 1))).toEqual(["approved", "granted"]);
  });

  it("takes the roles that its rules name, each rule by its own people", () => {
    expect(codeOf(() => open().approve("A0", cleo, 1))).toBe("ERR_APPROVAL_ROLE");
    expect(codeOf(() => open().approve("A0", person("dan", null), 1))).toBe("ERR_APPROVAL_ROLE");
    const book = open({
      rules: [
        { id: "reset", people: 1, by: ["Engineer"] },
        { id: "shift", people: 1, by: ["Operator"] },
      ],
    });
    expect(names(book.approve("A0", ada, 1))).toEqual(["approved"]);
    expect(codeOf(() => book.approve("A0", ben, 1))).toBe("ERR_APPROVAL_ROLE");
    expect(names(book.approve("A0", cleo, 1))).toEqual(["approved", "granted"]);
  });

  it("is denied by who could approve, also once granted, and withdrawn by who asked", () => {
    expect(codeOf(() => open().deny("A0", cleo, undefined, 1))).toBe("ERR_APPROVAL_ROLE");
    const denied = open();
    denied.approve("A0", ada, 1);
    expect(denied.deny("A0", ben, "not today", 2)).toMatchObject({ event: "denied", by: ben, reason: "not today" });
    expect(codeOf(() => denied.approve("A0", ada, 3))).toBe("ERR_APPROVAL_ENDED");
    const withdrawn = open();
    expect(codeOf(() => withdrawn.withdraw("A0", ada, 1))).toBe("ERR_APPROVAL_ROLE");
    expect(withdrawn.withdraw("A0", person("hmi", "Operator"), 1)).toMatchObject({ event: "withdrawn" });
    expect(codeOf(() => withdrawn.withdraw("A0", person("hmi", "Operator"), 1))).toBe("ERR_APPROVAL_ENDED");
    expect(codeOf(() => withdrawn.show("B1"))).toBe("ERR_APPROVAL_UNKNOWN");
  });

  it("expires with its time to live, approved or not", () => {
    const book = open({ rules: two }, 1_000);
    book.approve("A0", ada, 2_000);
    expect(book.expire(60_999)).toEqual([]);
    expect(names(book.expire(61_000))).toEqual(["expired"]);
    expect(codeOf(() => book.approve("A0", ben, 61_000))).toBe("ERR_APPROVAL_EXPIRED");
    const granted = open();
    granted.approve("A0", ada, 1);
    expect(names(granted.expire(60_000))).toEqual(["expired"]);
    // The line was quicker than the news that it is over.
    expect(granted.used("A0", 60_001)).toMatchObject({ event: "used" });
  });
});

describe("what an approval rests on", () => {
  it.each([
    ["another policy", standing({}, "p2")],
    ["a subject that is not active", standing({ hmi: undefined })],
    ["a subject in another role", standing({ hmi: "Engineer" })],
  ])("%s makes it void, open or granted", (_, now) => {
    const book = open({ rules: two });
    book.approve("A0", ada, 1);
    expect(book.reconsider(standing(), 2)).toEqual([]);
    expect(names(book.reconsider(now, 2))).toEqual(["void"]);
    const granted = open();
    granted.approve("A0", ada, 1);
    expect(names(granted.reconsider(now, 2))).toEqual(["void"]);
    expect(granted.used("A0", 3)?.event).toBe("used");
  });

  it("a yes of somebody who was shut out or has another role does not count, and a grant on it is void", () => {
    for (const change of [{ ada: undefined }, { ada: "Operator" }]) {
      const book = open({ rules: two });
      book.approve("A0", ada, 1);
      expect(book.reconsider(standing(change), 2)).toMatchObject([{ event: "dropped", by: ada }]);
      expect(names(book.approve("A0", ben, 3))).toEqual(["approved"]);
      const granted = open({ rules: two });
      granted.approve("A0", ada, 1);
      granted.approve("A0", ben, 1);
      expect(names(granted.reconsider(standing(change), 2))).toEqual(["void"]);
    }
  });
});

describe("the book", () => {
  it("has a bound for all and for each subject, counts what it refuses, and forgets the oldest that ended", () => {
    const book = new ApprovalBook({ open: 3, openPerSubject: 2, recent: 1 });
    const of = (id: string): Draft => draft({ subject: { id, role: "Operator" } });
    book.request("A0", of("hmi"), 0);
    book.request("A1", of("HMI"), 0);
    expect(codeOf(() => book.request("A2", of("hmi"), 0))).toBe("ERR_APPROVAL_FULL");
    book.request("A3", of("panel"), 0);
    expect(codeOf(() => book.request("A4", of("cleo"), 0))).toBe("ERR_APPROVAL_FULL");
    expect(book.refusedFull).toBe(2);
    expect(names(book.voidAll("the site stops", 1))).toEqual(["void", "void", "void"]);
    expect(book.list().map(({ id }) => id)).toEqual(["A3"]);
  });
});

type Move = readonly [number, "request" | "approve" | "deny" | "withdraw" | "use" | "expire" | "reconsider", number];

const people: readonly Person[] = [ada, ben, cleo, person("hmi", "Operator"), operator];
const move: fc.Arbitrary<Move> = fc.tuple(
  fc.nat(3),
  fc.constantFrom("request", "approve", "approve", "approve", "deny", "withdraw", "use", "use", "expire", "reconsider"),
  fc.nat(people.length - 1),
);

it("whatever people do: no more uses than grants, nobody approves their own, everyone once and by their role, within bounds", () => {
  const seen = { granted: 0, used: 0 };
  fc.assert(
    fc.property(fc.array(move, { minLength: 10, maxLength: 40, size: "max" }), (moves) => {
      const book = new ApprovalBook({ open: 3, openPerSubject: 2, recent: 5 });
      const steps: Step[] = [];
      for (const [nowMs, [slot, kind, who]] of moves.entries()) {
        const id = `A${slot}`;
        const by = people[who] ?? operator;
        try {
          steps.push(...[play(book, { id, kind, by, slot, nowMs })].flat());
        } catch (error) {
          if (!(error instanceof ApprovalError)) throw error;
        }
        const live = book.list().filter(({ state }) => state === "open" || state === "granted");
        if (live.length > 3 || book.list().length > 8) throw new Error("beyond the bound");
      }
      const grants = steps.filter(({ event }) => event === "granted");
      const uses = steps.filter(({ event }) => event === "used");
      seen.granted += grants.length;
      seen.used += uses.length;
      for (const { approval } of grants) expectSound(approval);
      for (const { approval } of uses) {
        const of = (list: readonly Step[]): number =>
          list.filter((step) => step.approval.id === approval.id && step.approval.requested === approval.requested)
            .length;
        if (of(uses) > of(grants)) throw new Error(`${approval.id} was used more often than granted`);
      }
    }),
    { numRuns: 300 },
  );
  expect(seen.granted).toBeGreaterThan(40);
  expect(seen.used).toBeGreaterThan(20);
});

interface Played {
  readonly id: string;
  readonly kind: Move[1];
  readonly by: Person;
  readonly slot: number;
  readonly nowMs: number;
}

function play(book: ApprovalBook, { id, kind, by, slot, nowMs }: Played): Step | readonly Step[] {
  switch (kind) {
    case "request": {
      if (book.has(id)) return [];
      const subject = "operator" in by ? { id: "hmi", role: "Operator" } : by;
      return book.request(
        id,
        draft({ subject, requestedBy: by, rules: slot % 2 === 0 ? two : draft().rules, ttlMs: 20 }),
        nowMs,
      );
    }
    case "approve":
      return book.approve(id, by, nowMs);
    case "deny":
      return book.deny(id, by, undefined, nowMs);
    case "withdraw":
      return book.withdraw(id, by, nowMs);
    case "use":
      return book.used(id, nowMs) ?? [];
    case "expire":
      return book.expire(nowMs);
    case "reconsider":
      return book.reconsider(standing("operator" in by ? {} : { [by.id]: undefined }), nowMs);
  }
}

function expectSound({ approvals, rules, subject, requestedBy }: Approval): void {
  for (const [index, { by }] of approvals.entries()) {
    if (isSamePerson(by, subject) || isSamePerson(by, requestedBy)) throw new Error("approved by who asks");
    if (approvals.slice(0, index).some((other) => isSamePerson(other.by, by))) throw new Error("approved twice");
    const may = "operator" in by || rules.some((rule) => rule.by.includes(by.role ?? ""));
    if (!may) throw new Error("approved by a role that may not");
  }
  for (const rule of rules) if (rule.approvals < rule.people) throw new Error("granted by too few");
}
