/** What of a site's status is shown; the site says more with --json. */
export interface ShownStatus {
  readonly site: string;
  readonly gateway: string;
  readonly version: string;
  readonly startedAt: string;
  readonly policy: { readonly version: number; readonly hash: string; readonly mode: string };
  readonly listeners: readonly { readonly url: string; readonly connections: number }[];
  readonly counters: Readonly<Record<string, number>>;
  readonly audit: {
    readonly records: number;
    readonly checkpointed: number;
    readonly state: string;
    readonly checkpoint: { readonly size: number; readonly t: string } | null;
    readonly segments: number | null;
    readonly bytes: number | null;
    readonly oldest: { readonly seq: number; readonly t: string } | null;
    readonly freeBytes: number | null;
    readonly witnesses: readonly {
      readonly name: string;
      readonly state: string;
      readonly size: number | null;
      readonly t: string | null;
    }[];
  };
  readonly identity: { readonly registered: number; readonly pending: number; readonly undelivered: number };
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** What a log that takes no records means, and what to do. */
function notWorking(state: string): string {
  const effect = "what must be on record is refused";
  return state === "stuck"
    ? `the audit log is stuck, ${effect}: its disk is full. Free some space there; it goes on by itself`
    : `the audit log has failed, ${effect}: look after its disk, then start the site again`;
}

/** A status as rows of a table, and what of it a person has to do something about. */
export function statusRows(status: ShownStatus): {
  readonly rows: readonly (readonly string[])[];
  readonly alarms: readonly string[];
} {
  const { policy, audit, identity, counters } = status;
  const alarms = [
    ...(audit.state === "working" ? [] : [notWorking(audit.state)]),
    ...audit.witnesses
      .filter(({ state }) => state === "differs")
      .map(({ name }) => `witness ${name} does not agree with the audit log`),
  ];
  const rows = [
    ["site", `${status.site}, gateway ${status.gateway}, version ${status.version}, since ${status.startedAt}`],
    ["policy", `version ${policy.version}, ${policy.hash}, ${policy.mode}`],
    ...status.listeners.map(({ url, connections }) => ["listener", `${url}, ${count(connections, "connection")}`]),
    ["requests", `${counters["permitted"] ?? 0} permitted, ${counters["refused"] ?? 0} refused`],
    ["identities", `${identity.registered} registered, ${identity.pending} wait for approval`],
    ["audit log", `${audit.state}, ${count(audit.records, "record")}${extentText(audit)}`],
    ...(audit.oldest === null ? [] : [["oldest", `record ${audit.oldest.seq} of ${audit.oldest.t}`]]),
    ...(audit.checkpoint === null
      ? []
      : [["checkpoint", `over ${count(audit.checkpoint.size, "record")}, ${audit.checkpoint.t}`]]),
    ...(audit.freeBytes === null ? [] : [["free", `${bytesText(audit.freeBytes)} on its disk`]]),
    ...audit.witnesses.map(({ name, state, size, t }) => [
      "witness",
      `${name}: ${state}${size === null ? "" : `, has ${count(size, "record")}, ${t ?? ""}`}`,
    ]),
  ];
  return { rows, alarms };
}

function extentText({ segments, bytes }: ShownStatus["audit"]): string {
  return segments === null || bytes === null ? "" : ` in ${count(segments, "segment")} of ${bytesText(bytes)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Decimal units, as disks are sold. */
function bytesText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
