import { describe, expect, it } from "vitest";
import { bareRecords, everyKind, refusedWrite, transactionRecord } from "../testing/export-records.ts";
import { ocsfLine } from "./ocsf.ts";

const context = { log: "L0G", version: "0.1.0" };

interface Event {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly [attribute: string]: unknown;
}

const eventOf = (record: Parameters<typeof ocsfLine>[0]): Event => JSON.parse(ocsfLine(record, context)) as Event;

/** What the schema (1.5.0, events and objects of schema.ocsf.io) says of each class that is used. */
const rules: Readonly<
  Record<
    number,
    { readonly activities: readonly number[]; readonly required: readonly string[]; readonly oneOf?: readonly string[] }
  >
> = {
  1008: {
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99],
    required: [],
    oneOf: ["log_name", "log_provider", "log_type"],
  },
  2004: { activities: [0, 1, 2, 3, 99], required: ["finding_info"] },
  3001: { activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99], required: ["user"] },
  3002: { activities: [0, 1, 2, 3, 4, 5, 6, 99], required: ["user"], oneOf: ["service", "dst_endpoint"] },
  3004: { activities: [0, 1, 2, 3, 4, 99], required: ["entity"] },
  4001: { activities: [0, 1, 2, 3, 4, 5, 6, 7, 99], required: [], oneOf: ["src_endpoint", "dst_endpoint"] },
};
const base = ["class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata"];

function checkEvent(event: Event): void {
  const rule = rules[event.class_uid]!;
  for (const attribute of [...base, ...rule.required]) expect(event, attribute).toHaveProperty(attribute);
  if (rule.oneOf !== undefined) expect(rule.oneOf.some((attribute) => event[attribute] !== undefined)).toBe(true);
  expect(rule.activities).toContain(event.activity_id);
  expect(event["type_uid"]).toBe(event.class_uid * 100 + event.activity_id);
  expect(event["category_uid"]).toBe(Math.floor(event.class_uid / 1000));
  expect([1, 2, 3, 4]).toContain(event["severity_id"]);
  expect(Number.isSafeInteger(event["time"])).toBe(true);
  expect(event["metadata"]).toMatchObject({ version: "1.5.0", product: { name: "modwarden", version: "0.1.0" } });
  checkObjects(event);
}

/** Rules of objects, wherever they stand. */
function checkObjects(value: unknown, name = ""): void {
  if (Array.isArray(value)) {
    for (const item of value) checkObjects(item, name);
    return;
  }
  if (typeof value !== "object" || value === null || name === "unmapped") return;
  const keys = Object.keys(value);
  const needsOne: Readonly<Record<string, readonly string[]>> = {
    src_endpoint: ["ip", "uid", "name", "hostname", "svc_name"],
    dst_endpoint: ["ip", "uid", "name", "hostname", "svc_name"],
    user: ["account", "name", "uid"],
    entity: ["name", "uid"],
    service: ["name", "uid"],
    policy: ["name", "uid"],
    firewall_rule: ["name", "uid"],
    actor: ["user", "process", "session"],
  };
  const needsAll: Readonly<Record<string, readonly string[]>> = {
    observables: ["name", "type_id"],
    connection_info: ["direction_id"],
    device: ["type_id"],
    finding_info: ["uid", "title"],
    analytic: ["type_id"],
  };
  if (needsOne[name] !== undefined)
    expect(
      needsOne[name].some((key) => keys.includes(key)),
      name,
    ).toBe(true);
  for (const key of needsAll[name] ?? []) expect(keys, name).toContain(key);
  for (const [key, item] of Object.entries(value)) checkObjects(item, key);
}

describe("OCSF", () => {
  it("obeys the rules of the schema for every kind of record", () => {
    const seen = everyKind.map((record) => {
      const event = eventOf(record);
      checkEvent(event);
      expect(event["metadata"]).toMatchObject({ uid: `L0G:${record.seq}`, sequence: record.seq });
      return [record.kind, event.class_uid];
    });
    expect(new Set(seen.map(([, uid]) => uid))).toEqual(new Set([1008, 2004, 3001, 3002, 3004, 4001]));
  });

  it("obeys them for what it knows next to nothing of", () => {
    for (const record of bareRecords) checkEvent(eventOf(record));
  });

  it("says of a refused write who, where, what, and that it was blocked", () => {
    const event = eventOf(transactionRecord(refusedWrite));
    checkEvent(event);
    expect(event).toMatchObject({
      class_uid: 4001,
      activity_id: 6,
      action_id: 2,
      disposition_id: 2,
      status_id: 2,
      status_code: "1",
      status_detail: "max 80, got 90",
      severity_id: 3,
      is_alert: true,
      src_endpoint: { ip: "10.0.0.5", port: 49_152 },
      dst_endpoint: { name: "drive", svc_name: "modbus", zone: "hall-2" },
      actor: { user: { name: "hmi-2", groups: [{ name: "Operator" }], credential_uid: "3f" } },
      device: { uid: "gw1" },
      connection_info: { protocol_num: 6, direction_id: 1 },
      firewall_rule: { uid: "setpoint" },
      unmapped: { modbus: { operation: { function: 6 }, accesses: refusedWrite.accesses } },
    });
    expect(event["observables"]).toContainEqual({
      name: "src_endpoint.ip",
      type_id: 2,
      type: "IP Address",
      value: "10.0.0.5",
    });
  });

  it("says of a permitted one that it was allowed, and what became of it", () => {
    const decision = { permit: true, rules: [], policy: "a1b2" };
    const statuses = (
      [{ latencyUs: 1 }, { latencyUs: 1, exception: 4 }, { latencyUs: 1, result: "unknown" }] as const
    ).map((outcome) => {
      const event = eventOf(
        transactionRecord({ ...refusedWrite, decision, outcome, method: { transport: "rtu", transaction: 0 } }),
      );
      checkEvent(event);
      expect(event).toMatchObject({ action_id: 1, disposition_id: 1 });
      expect(event).not.toHaveProperty("connection_info");
      return event["status_id"];
    });
    expect(statuses).toEqual([1, 2, 0]);
    const nobody = eventOf(transactionRecord({ ...refusedWrite, subject: { id: null, role: null }, accesses: [] }));
    checkEvent(nobody);
    expect(nobody).not.toHaveProperty("actor");
    const holder = eventOf(transactionRecord({ ...refusedWrite, subject: { id: null, role: null, cert: "3f" } }));
    expect(holder).toMatchObject({ actor: { user: { uid: "3f" } } });
  });

  it("gives the log's own events, and who looked, the activities of the class", () => {
    const activities = everyKind.map(eventOf).filter(({ class_uid }) => class_uid === 1008);
    expect(activities.map(({ activity_id, activity_name }) => [activity_id, activity_name])).toEqual([
      [99, "created"],
      [6, "Start"],
      [3, "Export"],
      [99, "search"],
      [99, "recovery"],
    ]);
  });
});
