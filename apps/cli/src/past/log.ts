import { statSync } from "node:fs";
import { type AuditRecord, readRecords } from "@modwarden/audit";
import type { Observation, PolicyDevice, PolicyLocation } from "@modwarden/policy";
import type { Past } from "./past.ts";
import {
  accessOf,
  becauseOf,
  type Fields,
  fieldsOf,
  listOf,
  textOf,
  timeOf,
  transportOf,
  wholeOf,
  wholesOf,
} from "./record-fields.ts";

/** The requests of an audit log: transactions one by one, reads that were rolled up as often as they came. */
export function pastOfLog(dir: string): Past {
  let unreadable = 0;
  return {
    name: `the log ${dir}`,
    hasRollups: true,
    // A record names the identity and its role, and neither its tags and kind nor the listener.
    unknown: ["tags", "kind", "listener"],
    *observations() {
      unreadable = 0;
      for (const record of readRecords(dir)) {
        if (record.kind !== "transaction" && record.kind !== "rollup") continue;
        const observed = record.kind === "transaction" ? ofTransaction(record) : ofRollup(record);
        if (observed.length === 0) unreadable += 1;
        yield* observed;
      }
    },
    passedOver: () =>
      unreadable === 0 ? undefined : `${unreadable} records of a form that this version does not know`,
  };
}

/** Whether a path is a folder, as a log is. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** More devices than a site has. */
const MOST_DEVICES = 10_000;

/** Where the log was written, and the devices it names, for who has no site file at hand. */
export function siteOfLog(dir: string): {
  readonly devices: readonly PolicyDevice[];
  readonly location?: PolicyLocation;
} {
  const devices = new Map<string, PolicyDevice>();
  let location: PolicyLocation | undefined;
  for (const record of readRecords(dir)) {
    const { site, gateway, zone } = fieldsOf(record["location"]) ?? {};
    if (location === undefined && typeof site === "string" && typeof gateway === "string") {
      location = { site, gateway, ...(typeof zone === "string" ? { zone } : {}) };
    }
    for (const access of listOf(record["accesses"]) ?? []) {
      const { device, unit } = fieldsOf(access) ?? {};
      if (typeof device !== "string" || typeof unit !== "number" || devices.has(device)) continue;
      if (devices.size < MOST_DEVICES) devices.set(device, { id: device, unit });
    }
  }
  return { devices: [...devices.values()], ...(location === undefined ? {} : { location }) };
}

function ofTransaction(record: AuditRecord): readonly Observation[] {
  const atMs = timeOf(record.t);
  const decision = fieldsOf(record["decision"]);
  const outcome = fieldsOf(record["outcome"]) ?? {};
  // It was about to be sent; what came of it is a record of its own.
  if (outcome["result"] === "pending") return [];
  const question = questionOf(record);
  if (atMs === undefined || decision === undefined || question === undefined) return [];
  const exception = wholeOf(outcome["exception"]);
  const values = wholesOf(outcome["values"]);
  const because = becauseOf(decision["because"]);
  return [
    {
      question,
      ...{ firstMs: atMs, lastMs: atMs, count: 1 },
      permitted: decision["permit"] === true,
      ...(because === undefined ? {} : { because }),
      outcome: outcome["result"] !== undefined ? "unanswered" : exception === undefined ? "answered" : "exception",
      ...(exception === undefined ? {} : { exception }),
      ...(values === undefined ? {} : { values }),
      ...ownOf(record),
    },
  ];
}

/** What a gateway reads itself, it asks under its own name. */
function ownOf(record: AuditRecord): { readonly own?: true } {
  const subject = fieldsOf(record["subject"])?.["id"];
  const isOwn = typeof subject === "string" && subject === fieldsOf(record["location"])?.["gateway"];
  return isOwn ? { own: true } : {};
}

function questionOf(record: AuditRecord): Observation["question"] | undefined {
  const subject = fieldsOf(record["subject"]);
  const transport = transportOf(fieldsOf(record["method"])?.["transport"]);
  const operation = fieldsOf(record["operation"]);
  const functionCode = wholeOf(operation?.["function"]);
  const accesses = listOf(record["accesses"])?.map(accessOf);
  if (subject === undefined || transport === undefined || functionCode === undefined || accesses === undefined) {
    return undefined;
  }
  const known = accesses.flatMap((access) => access ?? []);
  if (known.length < accesses.length) return undefined;
  const source = textOf(fieldsOf(record["location"])?.["source"]);
  const subfunction = wholeOf(operation?.["subfunction"]);
  return {
    subject: textOf(subject["id"]) ?? null,
    role: textOf(subject["role"]) ?? null,
    transport,
    ...(source === undefined ? {} : { source }),
    unit: known[0]?.unit ?? 0,
    device: known[0]?.device ?? null,
    functionCode,
    ...(subfunction === undefined ? {} : { subfunction }),
    accesses: known,
  };
}

function ofRollup(record: AuditRecord): readonly Observation[] {
  const firstMs = timeOf(record["from"]);
  const lastMs = timeOf(record["to"]);
  const count = wholeOf(record["count"]);
  if (firstMs === undefined || lastMs === undefined || count === undefined || count < 1) return [];
  if (record["of"] === "refusals") return ofRefusals(record, { firstMs, lastMs, count });
  const question = questionOf(record);
  if (record["of"] !== "reads" || question === undefined) return [];
  const values = wholesOf(fieldsOf(record["values"])?.["last"]);
  return [
    {
      question,
      ...{ firstMs, lastMs, count, permitted: true, outcome: "answered" },
      ...(values === undefined ? {} : { values }),
      ...ownOf(record),
    },
  ];
}

/** Refusals that were only counted: who asked which function is known of the first kinds, and never what exactly. */
function ofRefusals(
  record: AuditRecord,
  span: Pick<Observation, "firstMs" | "lastMs" | "count">,
): readonly Observation[] {
  const because = becauseOf(record["because"]);
  const source = textOf(fieldsOf(record["location"])?.["source"]);
  const refused = (asked: Fields, count: number): Observation => ({
    question: {
      subject: textOf(asked["subject"]) ?? null,
      role: textOf(asked["role"]) ?? null,
      transport: "tcp",
      ...(source === undefined ? {} : { source }),
      unit: wholeOf(asked["unit"]) ?? 0,
      device: null,
      functionCode: wholeOf(asked["function"]) ?? 0,
      accesses: [],
    },
    ...{ ...span, count, permitted: false, outcome: "exception" },
    ...(because === undefined ? {} : { because }),
  });
  const kinds = (listOf(record["who"]) ?? []).flatMap((one): readonly Observation[] => {
    const asked = fieldsOf(one);
    const count = wholeOf(asked?.["count"]);
    return asked === undefined || count === undefined || count < 1 ? [] : [refused(asked, count)];
  });
  const others = span.count - kinds.reduce((sum, { count }) => sum + count, 0);
  return others > 0 ? [...kinds, refused({}, others)] : kinds;
}
