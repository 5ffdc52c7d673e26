import type { Grant } from "@modwarden/gateway";
import type { SubjectRecord } from "@modwarden/identity";
import { compilePolicy, type Policy, readPolicy } from "@modwarden/policy";
import { builtinProfile } from "@modwarden/profile";
import { beforeEach, describe, expect, it } from "vitest";
import type { AskedApproval } from "./asked.ts";
import { ApprovalDesk, type Caller } from "./desk.ts";
import type { RecordFields } from "./record.ts";

const devices = [{ id: "drive", unit: 3, profile: builtinProfile("danfoss-fc51") }];

function policyOf(people: 1 | 2, more = ""): Policy {
  const text = `policy: 1
roles: [Viewer, Operator, Engineer]
rules:
  - { id: reads, permit: { roles: "*" }, allow: [{ functions: [3] }] }
  - { id: free, permit: { roles: [Operator] }, devices: [drive], allow: [{ write: setpoint, max: 80 }] }
  - id: reset
    permit: { roles: [Operator] }
    devices: [drive]
    allow: [{ write: control_word, values: [1279, 1151] }]
    approval: { people: ${people}, ttl: 15m, by: [Engineer] }
${more}`;
  return compilePolicy(readPolicy(text, "policy.yaml"), devices);
}

const person = (id: string, role: string | null): Caller => ({ person: { id, role } });
const operator: Caller = { person: { operator: true } };
const [hmi, ada, ben] = [person("hmi", "Operator"), person("ada", "Engineer"), person("ben", "Engineer")];
const reset: AskedApproval = { device: "drive", write: "control_word", value: 1279 };

let nowMs: number;
let policy: Policy;
let subjects: Map<string, SubjectRecord>;
let records: RecordFields[];
let room: number;
let isDurable: boolean;
/** What the line would act on. */
let line: Map<string, Grant>;
let desk: ApprovalDesk;

beforeEach(() => {
  nowMs = Date.parse("2026-11-21T09:00:00Z");
  policy = policyOf(1);
  const active = (id: string, role: string): readonly [string, SubjectRecord] => [
    id,
    { id, kind: "client", role, state: "active", fingerprint: `of ${id}` },
  ];
  subjects = new Map([active("hmi", "Operator"), active("ada", "Engineer"), active("ben", "Engineer")]);
  records = [];
  room = Number.POSITIVE_INFINITY;
  isDurable = true;
  line = new Map();
  let ids = 0;
  desk = new ApprovalDesk({
    policy: () => policy,
    devices,
    subject: (id) => subjects.get(id.toLowerCase()),
    record: (fields) => records.length < room && records.push(fields) > 0,
    durable: () => (isDurable ? Promise.resolve() : Promise.reject(new Error("the disk is full"))),
    newId() {
      ids += 1;
      return `A${ids}`;
    },
    now: () => nowMs,
    onNotice: () => undefined,
  });
  desk.start({
    grant: (grant) => Promise.resolve(line.set(grant.id, grant).size <= 1),
    withdraw: (id) => Promise.resolve(void line.delete(id)),
    known: () => Promise.resolve(() => undefined),
  });
  records.length = 0;
});

const events = (): readonly unknown[] => records.map(({ event, error }) => error ?? event);
const code = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => "done",
    (error: { code?: unknown }) => error.code,
  );

describe("a request", () => {
  it("that people have to approve says what exactly, by which rules, by whom and until when", async () => {
    expect(await desk.request(reset, hmi)).toMatchObject({
      id: "A1",
      state: "open",
      subject: { id: "hmi", role: "Operator" },
      requestedBy: { id: "hmi" },
      request: {
        device: "drive",
        function: 6,
        accesses: [{ table: "holding", address: 49_999, values: [1279], points: ["control_word"] }],
        what: expect.stringContaining("raw 1279") as string,
      },
      rules: [{ id: "reset", people: 1, by: ["Engineer"], approvals: 0 }],
      expires: "2026-11-21T09:15:00.000Z",
    });
    expect(records).toMatchObject([
      { event: "requested", approval: "A1", by: { id: "hmi" }, device: "drive", accesses: [{ values: [1279] }] },
    ]);
  });

  it.each<readonly [string, AskedApproval, Caller, string]>([
    ["is permitted without", { device: "drive", write: "setpoint", value: 40 }, hmi, "ERR_APPROVAL_NOT_NEEDED"],
    ["is refused anyway", { device: "drive", write: "control_word", value: 7 }, hmi, "ERR_APPROVAL_REFUSED"],
    ["is refused to this role", reset, ada, "ERR_APPROVAL_REFUSED"],
    ["is of somebody whose certificate has another role", reset, person("hmi", null), "ERR_APPROVAL_REFUSED"],
    ["is no request", { device: "drive", write: "no_such_point", value: 1 }, hmi, "ERR_APPROVAL_QUESTION"],
    ["is to no device", { unit: 9, function: 6, address: 0, value: 1 }, hmi, "ERR_APPROVAL_QUESTION"],
    ["is somebody else's", { ...reset, for: "ada" }, hmi, "ERR_APPROVAL_QUESTION"],
    ["is nobody's", reset, operator, "ERR_APPROVAL_QUESTION"],
    ["is a stranger's", { ...reset, for: "eve" }, operator, "ERR_APPROVAL_IDENTITY"],
  ])("that %s makes nothing, and is on record", async (_, asked, caller, wanted) => {
    expect(await code(desk.request(asked, caller))).toBe(wanted);
    expect(events()).toEqual([wanted]);
    expect(desk.list()).toEqual([]);
  });

  it("is slowed down where somebody asks for ever, and that is on record once", async () => {
    const asked = { device: "drive", write: "setpoint", value: 40 };
    for (let times = 0; times < 70; times += 1) await code(desk.request(asked, hmi));
    expect(events().filter((event) => event === "ERR_APPROVAL_THROTTLED")).toHaveLength(1);
    expect(records.length).toBe(61);
    nowMs += 60_000;
    expect(await code(desk.request(asked, hmi))).toBe("ERR_APPROVAL_NOT_NEEDED");
    expect(await code(desk.request({ ...asked, for: "hmi" }, operator))).toBe("ERR_APPROVAL_NOT_NEEDED");
  });
});

describe("a grant", () => {
  it("is at the line when its last approver is told, bound to what was approved, and used once", async () => {
    policy = policyOf(2);
    const { id } = await desk.request({ ...reset, for: "hmi" }, operator);
    expect(await code(desk.approve(id, operator))).toBe("ERR_APPROVAL_OWN");
    expect(await desk.approve(id, ada)).toMatchObject({ state: "open", rules: [{ approvals: 1 }] });
    expect(await code(desk.approve(id, ada))).toBe("ERR_APPROVAL_TWICE");
    expect(line.size).toBe(0);
    expect(await desk.approve(id, ben)).toMatchObject({ state: "granted" });
    expect(line.get(id)).toMatchObject({
      subject: "hmi",
      device: "drive",
      rules: ["reset"],
      people: 2,
      policy: policy.hash,
      objects: [{ table: "holding", address: 49_999, quantity: 1, values: [1279] }],
      expiresMs: nowMs + 900_000,
    });
    desk.used(id);
    desk.used(id);
    expect(desk.list()).toMatchObject([{ state: "used" }]);
    expect(events()).toEqual([
      ...["requested", "ERR_APPROVAL_OWN", "approved", "ERR_APPROVAL_TWICE", "approved", "granted"],
      ...["used", "used"],
    ]);
  });

  const standing = (id: string, state: SubjectRecord["state"]): void => {
    subjects.set(id, { ...subjects.get(id)!, state });
  };

  it.each<readonly [string, () => unknown]>([
    [
      "another policy comes into force",
      () => {
        policy = policyOf(2);
      },
    ],
    [
      "its time is over",
      () => {
        nowMs += 900_000;
      },
    ],
    ["its subject is suspended", () => standing("hmi", "suspended")],
    ["who approved it is revoked", () => standing("ada", "revoked")],
    ["somebody denies it", () => desk.deny("A1", ben, "not now")],
    ["who asked takes it back", () => desk.withdraw("A1", hmi)],
    ["the site stops", () => desk.stop()],
  ])("is taken from the line when %s", async (_, change) => {
    await desk.request(reset, hmi);
    await desk.approve("A1", ada);
    expect([...line.keys()]).toEqual(["A1"]);
    await change();
    await desk.reconsider();
    expect(line.size).toBe(0);
    expect(desk.list()).toHaveLength(1);
    expect(desk.list()).not.toMatchObject([{ state: "granted" }]);
    expect(await code(desk.approve("A1", ben))).not.toBe("done");
  });

  it("that cannot be recorded, or has no room at the line, is void", async () => {
    await desk.request(reset, hmi);
    isDurable = false;
    expect(await code(desk.approve("A1", ada))).toBe("ERR_APPROVAL_VOID");
    isDurable = true;
    await desk.request(reset, hmi);
    room = records.length;
    expect(await code(desk.approve("A2", ada))).toBe("ERR_APPROVAL_VOID");
    room = Number.POSITIVE_INFINITY;
    expect(line.size).toBe(0);
    for (const id of ["A3", "A4"]) {
      expect(await desk.request(reset, hmi)).toMatchObject({ id });
      expect(await code(desk.approve(id, ada))).toBe(id === "A3" ? "done" : "ERR_APPROVAL_VOID");
    }
    expect([...line.keys()]).toEqual(["A3"]);
  });
});

it("shows everyone what they have asked for or could approve, and the operator everything", async () => {
  await desk.request(reset, hmi);
  const eve = person("eve", "Viewer");
  expect([hmi, ada, eve, operator].map((caller) => desk.list(caller).length)).toEqual([1, 1, 0, 1]);
  expect(() => desk.show("A1", eve)).toThrow(expect.objectContaining({ code: "ERR_APPROVAL_UNKNOWN" }) as Error);
  for (const step of [desk.approve("A1", eve), desk.deny("A1", eve), desk.withdraw("A1", eve)]) {
    expect(await code(step)).toBe("ERR_APPROVAL_UNKNOWN");
  }
});
