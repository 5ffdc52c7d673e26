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
import { numberOf, textOf } from "./read-fields.ts";
import type { RecordView } from "./view.ts";

const CREATE: Activity = { id: 1, name: "Create" };

/** Account Change numbers these; every other event keeps its name. */
const accountActivities: Readonly<Record<string, Activity>> = {
  added: CREATE,
  issued: { id: 99, name: "issued" },
  resumed: { id: 2, name: "Enable" },
  suspended: { id: 5, name: "Disable" },
  revoked: { id: 5, name: "Disable" },
  cloned: { id: 9, name: "Lock" },
  retired: { id: 6, name: "Delete" },
};

/** Entity Management numbers create, read, update and delete. */
const entityActivities: Readonly<Record<string, Activity>> = {
  requested: CREATE,
  "key-created": CREATE,
  "key-imported": CREATE,
  applied: { id: 3, name: "Update" },
  "rolled-back": { id: 3, name: "Update" },
  approved: { id: 3, name: "Update" },
  granted: { id: 3, name: "Update" },
  used: { id: 3, name: "Update" },
  "key-revoked": { id: 4, name: "Delete" },
  denied: { id: 4, name: "Delete" },
  withdrawn: { id: 4, name: "Delete" },
  expired: { id: 4, name: "Delete" },
  void: { id: 4, name: "Delete" },
};

/** What became of somebody in the registry. */
export function accountChange(view: RecordView, context: ExportContext): Ocsf {
  const event = view.event ?? "unknown";
  return {
    ...baseOf(view, context, classes.account, accountActivities[event] ?? other(event), ["host"]),
    ...statusOf(event !== "refused" && event !== "denied"),
    ...common(view),
    user: userOf(view.subject) ?? { name: "unknown" },
    ...observablesOf({ "user.name": ["user", view.subject.id] }),
  };
}

/** Somebody shows a registration key, and becomes somebody or not. */
export function enrolment(view: RecordView, context: ExportContext): Ocsf {
  const event = view.event ?? "unknown";
  // What happens to a key itself is no attempt of anybody to become somebody.
  if (/^(key|issuer|ledger)-/.test(event)) return keyManagement(view, context, event);
  return {
    ...baseOf(view, context, classes.authentication, other(event), ["host"]),
    ...statusOf(event !== "refused"),
    ...common(view),
    user: userOf(view.subject) ?? { name: "unknown" },
    service: { name: "enrolment" },
    is_remote: view.source !== undefined,
    ...observablesOf({ "src_endpoint.ip": ["ip", view.from?.address], "user.name": ["user", view.subject.id] }),
  };
}

function keyManagement(view: RecordView, context: ExportContext, event: string): Ocsf {
  const key = textOf(view.record["key"]);
  return entityManagement(view, context, event, {
    type: "registration key",
    ...(key === undefined ? { name: "registration key" } : { uid: key, name: key }),
  });
}

/** The policy, as a thing that is managed. */
export function policyChange(view: RecordView, context: ExportContext): Ocsf {
  const version = numberOf(view.record["version"]);
  return entityManagement(view, context, view.event ?? "unknown", {
    type: "policy",
    name: "policy",
    ...(view.policy === undefined ? {} : { uid: view.policy }),
    ...(version === undefined ? {} : { version: String(version) }),
  });
}

/** An approval is managed like any entity: it is asked for, given and ended. It is no privilege of a session. */
export function approvalStep(view: RecordView, context: ExportContext): Ocsf {
  const id = textOf(view.record["approval"]);
  const what = textOf(view.record["what"]);
  return entityManagement(view, context, view.event ?? "unknown", {
    type: "approval",
    name: what ?? "approval",
    ...(id === undefined ? {} : { uid: id }),
  });
}

function entityManagement(view: RecordView, context: ExportContext, event: string, entity: Ocsf): Ocsf {
  return {
    ...baseOf(view, context, classes.entity, entityActivities[event] ?? other(event), ["host"]),
    ...statusOf(event !== "refused" && event !== "damaged"),
    ...common(view),
    entity,
    ...observablesOf({ "src_endpoint.ip": ["ip", view.from?.address], "actor.user.name": ["user", view.by] }),
  };
}

function common(view: RecordView): Ocsf {
  const source = sourceOf(view);
  return {
    ...(view.reason === undefined ? {} : { status_detail: view.reason }),
    ...(view.by === undefined ? {} : { actor: { user: { name: view.by, uid: view.by, type_id: 0 } } }),
    ...(source === undefined ? {} : { src_endpoint: source }),
    ...hostOf(view),
    ...unmappedOf(view),
  };
}
