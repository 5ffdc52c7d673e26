import type { JsonValue } from "../record/json.ts";
import type { ExportContext } from "./context.ts";
import { sentenceOf } from "./sentence.ts";
import { severityOf } from "./severity.ts";
import type { RecordView } from "./view.ts";

/** The schema whose classes and attributes are used. */
const OCSF_VERSION = "1.5.0";

export type Ocsf = Readonly<Record<string, JsonValue | undefined>>;

/** An activity of a class: its number there, or 99 with a name of our own. */
export interface Activity {
  readonly id: number;
  readonly name: string;
}

export interface Class {
  readonly uid: number;
  readonly name: string;
  readonly category: number;
  readonly categoryName: string;
}

/** The classes that records become, with their category (schema.ocsf.io). */
export const classes: Readonly<
  Record<"eventLog" | "finding" | "account" | "authentication" | "entity" | "network", Class>
> = {
  eventLog: { uid: 1008, name: "Event Log Activity", category: 1, categoryName: "System Activity" },
  finding: { uid: 2004, name: "Detection Finding", category: 2, categoryName: "Findings" },
  account: { uid: 3001, name: "Account Change", category: 3, categoryName: "Identity & Access Management" },
  authentication: { uid: 3002, name: "Authentication", category: 3, categoryName: "Identity & Access Management" },
  entity: { uid: 3004, name: "Entity Management", category: 3, categoryName: "Identity & Access Management" },
  network: { uid: 4001, name: "Network Activity", category: 4, categoryName: "Network Activity" },
};

const severities = { info: [1, "Informational"], low: [2, "Low"], medium: [3, "Medium"], high: [4, "High"] } as const;

/** An activity that the class does not number. */
export function other(name: string): Activity {
  return { id: 99, name };
}

/** What every class has. `time` is milliseconds since 1970; `metadata.uid` is the same however often it is sent. */
export function baseOf(
  view: RecordView,
  context: ExportContext,
  { uid, name, category, categoryName }: Class,
  activity: Activity,
  profiles: readonly string[] = [],
): Ocsf {
  const { record } = view;
  const [severity, severityName] = severities[severityOf(view)];
  return {
    class_uid: uid,
    class_name: name,
    category_uid: category,
    category_name: categoryName,
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: uid * 100 + activity.id,
    type_name: `${name}: ${activity.name}`,
    severity_id: severity,
    severity: severityName,
    time: Date.parse(record.t),
    message: sentenceOf(view),
    metadata: {
      version: OCSF_VERSION,
      product: { name: "modwarden", vendor_name: "modwarden", version: context.version },
      uid: `${context.log}:${record.seq}`,
      sequence: record.seq,
      log_name: "audit",
      log_provider: "modwarden",
      event_code: view.event === undefined ? record.kind : `${record.kind}:${view.event}`,
      original_time: record.t,
      ...(profiles.length === 0 ? {} : { profiles }),
    },
  };
}

/** `status_id` 1 or 2; undefined: 0, not known. */
export function statusOf(success: boolean | undefined): Ocsf {
  if (success === undefined) return { status_id: 0, status: "Unknown" };
  return success ? { status_id: 1, status: "Success" } : { status_id: 2, status: "Failure" };
}

/** Somebody, as far as the record names one. */
export function userOf({ id, role, cert }: RecordView["subject"]): Ocsf | undefined {
  if (id === undefined && cert === undefined) return undefined;
  return {
    ...(id === undefined ? {} : { name: id, uid: id }),
    type_id: 0,
    ...(cert === undefined ? {} : { credential_uid: cert, ...(id === undefined ? { uid: cert } : {}) }),
    ...(role === undefined ? {} : { groups: [{ name: role }] }),
  };
}

/** The gateway, as the host that saw it (profile `host`): a firewall. */
export function hostOf({ gateway, zone }: RecordView): Ocsf {
  if (gateway === undefined) return {};
  const place = zone === undefined ? {} : { zone };
  return { device: { uid: gateway, name: gateway, type_id: 9, type: "Firewall", ...place } };
}

export function sourceOf({ from, source }: RecordView): Ocsf | undefined {
  if (from === undefined) return source === undefined ? undefined : { name: source };
  return { ip: from.address, ...(from.port === undefined ? {} : { port: from.port }) };
}

const OBSERVABLE = { ip: [2, "IP Address"], user: [4, "User Name"], resource: [10, "Resource Name"] } as const;

/** What one looks for across events: the address, the subject, the device. */
export function observablesOf(
  paths: Readonly<Record<string, readonly [keyof typeof OBSERVABLE, string | undefined]>>,
): Ocsf {
  const observables = Object.entries(paths).flatMap(([name, [kind, value]]) =>
    value === undefined ? [] : [{ name, type_id: OBSERVABLE[kind][0], type: OBSERVABLE[kind][1], value }],
  );
  return observables.length === 0 ? {} : { observables };
}

/** The record's own fields, which no attribute of the class holds: an extension, documented in docs/audit-export.md. */
export function unmappedOf({ record }: RecordView): Ocsf {
  const { seq: _seq, t: _t, kind, ...fields } = record;
  return { unmapped: { modbus: { kind, ...fields } } };
}
