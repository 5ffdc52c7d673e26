import type { ExportContext } from "./context.ts";
import {
  type Activity,
  baseOf,
  classes,
  hostOf,
  type Ocsf,
  observablesOf,
  other,
  sourceOf,
  statusOf,
  unmappedOf,
  userOf,
} from "./ocsf-base.ts";
import { textOf } from "./read-fields.ts";
import { mainAccess, type RecordView } from "./view.ts";

const logActivities: Readonly<Record<string, Activity>> = {
  pruned: { id: 2, name: "Delete" },
  export: { id: 3, name: "Export" },
  start: { id: 6, name: "Start" },
  stop: { id: 7, name: "Stop" },
};

/** Events that say that something went wrong with the record. */
const failures: ReadonlySet<string> = new Set([
  "recovery",
  "refused",
  "bad-records",
  "compression-failed",
  "feed-lost",
  "feed-gap",
]);

/** What happened to the log itself, and who looked at it. */
export function eventLogActivity(view: RecordView, context: ExportContext): Ocsf {
  const { record } = view;
  const event = record.kind === "log" ? "created" : (view.event ?? "unknown");
  const activity = event === "looked" ? (textOf(record["action"]) ?? event) : event;
  return {
    ...baseOf(view, context, classes.eventLog, logActivities[activity] ?? other(activity), ["host"]),
    ...statusOf(!failures.has(event)),
    log_name: "audit",
    log_provider: "modwarden",
    ...(view.by === undefined ? {} : { actor: { user: { name: view.by, uid: view.by, type_id: 0 } } }),
    ...hostOf(view),
    ...unmappedOf(view),
  };
}

/** Something noticed that was no request. */
export function detectionFinding(view: RecordView, context: ExportContext): Ocsf {
  const { record, findings } = view;
  const [finding] = findings;
  const time = Date.parse(record.t);
  const source = sourceOf(view);
  const user = userOf(view.subject);
  const device = mainAccess(view)?.device;
  return {
    ...baseOf(view, context, classes.finding, { id: 1, name: "Create" }, ["host"]),
    status_id: 1,
    status: "New",
    is_alert: true,
    finding_info: {
      uid: `${context.log}:${record.seq}`,
      title: finding?.rule ?? "finding",
      desc: finding?.evidence ?? "",
      created_time: time,
      analytic: { name: finding?.rule ?? "finding", uid: finding?.rule ?? "finding", type_id: 1, type: "Rule" },
    },
    evidences: [
      {
        ...(source === undefined ? {} : { src_endpoint: source }),
        ...(user === undefined ? {} : { actor: { user } }),
        ...(device === undefined ? {} : { dst_endpoint: { name: device, svc_name: "modbus" } }),
        data: { evidence: finding?.evidence ?? "" },
      },
    ],
    ...(device === undefined ? {} : { resources: [{ name: device, type: "Modbus device" }] }),
    ...hostOf(view),
    ...observablesOf({
      "evidences[0].src_endpoint.ip": ["ip", view.from?.address],
      "evidences[0].actor.user.name": ["user", view.subject.id],
      "resources[0].name": ["resource", device],
    }),
    ...unmappedOf(view),
  };
}
