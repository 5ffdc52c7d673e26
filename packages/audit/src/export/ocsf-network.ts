import type { ExportContext } from "./context.ts";
import {
  type Activity,
  baseOf,
  classes,
  hostOf,
  type Ocsf,
  observablesOf,
  sourceOf,
  statusOf,
  unmappedOf,
  userOf,
} from "./ocsf-base.ts";
import { mainAccess, type RecordView } from "./view.ts";

const TRAFFIC: Activity = { id: 6, name: "Traffic" };
/** IANA protocol numbers. */
const protocols: Readonly<Record<string, readonly [number, string]>> = {
  tcp: [6, "tcp"],
  tls: [6, "tcp"],
  udp: [17, "udp"],
};

/** Requests, one or many, and values that were seen: Network Activity with the profiles `host` and `security_control`. */
export function networkActivity(view: RecordView, context: ExportContext): Ocsf {
  const { record, permit, findings } = view;
  const user = userOf(view.subject);
  return {
    ...baseOf(view, context, classes.network, TRAFFIC, ["host", "security_control"]),
    ...(record.kind === "state" ? {} : control(view)),
    ...outcome(view),
    ...span(view),
    ...(user === undefined ? {} : { actor: { user } }),
    ...hostOf(view),
    ...defined("src_endpoint", sourceOf(view)),
    dst_endpoint: destination(view),
    ...connection(view),
    app_name: "modbus",
    ...observablesOf({
      "src_endpoint.ip": ["ip", view.from?.address],
      "actor.user.name": ["user", user === undefined ? undefined : view.subject.id],
      "dst_endpoint.name": ["resource", mainAccess(view)?.device],
    }),
    ...(permit === false || findings.length > 0 ? { is_alert: true } : {}),
    ...unmappedOf(view),
  };
}

/** What the gateway did about it. */
function control({ permit, rules, policy }: RecordView): Ocsf {
  const [rule] = rules;
  return {
    action_id: permit === true ? 1 : 2,
    action: permit === true ? "Allowed" : "Denied",
    disposition_id: permit === true ? 1 : 2,
    disposition: permit === true ? "Allowed" : "Blocked",
    ...(rule === undefined ? {} : { firewall_rule: { uid: rule, name: rule } }),
    ...(policy === undefined ? {} : { policy: { uid: policy, name: "policy" } }),
  };
}

function outcome(view: RecordView): Ocsf {
  const { record, permit, exception, result, reason, failed, because, latencyUs } = view;
  const detail = failed ?? because ?? reason;
  return {
    ...(record.kind === "state"
      ? {}
      : statusOf(
          result === "unknown" ? undefined : permit === true && exception === undefined && result === undefined,
        )),
    ...(exception === undefined ? {} : { status_code: String(exception) }),
    ...(detail === undefined ? {} : { status_detail: detail }),
    ...(latencyUs === undefined ? {} : { duration: Math.round(latencyUs / 1000) }),
  };
}

/** Of a roll-up: how many, from when to when. */
function span({ count, begin, end }: RecordView): Ocsf {
  return {
    ...(count === undefined ? {} : { count }),
    ...(begin === undefined ? {} : { start_time: Date.parse(begin) }),
    ...(end === undefined ? {} : { end_time: Date.parse(end) }),
  };
}

function destination(view: RecordView): Ocsf {
  const access = mainAccess(view);
  const name = access?.device ?? (access?.unit === undefined ? undefined : `unit ${access.unit}`);
  return {
    ...(name === undefined ? {} : { name }),
    ...(access?.device === undefined ? {} : { uid: access.device }),
    svc_name: "modbus",
    ...(view.zone === undefined ? {} : { zone: view.zone }),
  };
}

function connection({ transport }: RecordView): Ocsf {
  const protocol = protocols[transport ?? ""];
  if (protocol === undefined) return {};
  return {
    connection_info: { direction_id: 1, direction: "Inbound", protocol_num: protocol[0], protocol_name: protocol[1] },
  };
}

function defined(name: string, value: Ocsf | undefined): Ocsf {
  return value === undefined ? {} : { [name]: value };
}
