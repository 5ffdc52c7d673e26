import type { HistoryEntry, IdentityStory } from "@modwarden/identity";
import { aligned } from "../frame/table.ts";

type Row = readonly [name: string, value: string | number | null | undefined];

/** An identity for a person to read: what it is, how it proves that, who let it in, and what has happened to it. */
export function storyLines(story: IdentityStory): readonly string[] {
  return [
    ...section(`${story.id}: ${story.state}${story.reason === null ? "" : ` (${story.reason})`}`, recordRows(story)),
    ...section("certificate", certificateRows(story)),
    ...section("approval", approvalRows(story)),
    ...section("says of itself", [...pairs(story.capabilities.objects), ...pairs(story.configuration)]),
    ...section("claims of its key", pairs(story.claims)),
    ...(story.history.length === 0 ? [] : ["", "history", ...historyLines(story.history).map(indented)]),
  ];
}

/** One line for each event. */
export function historyLines(history: readonly HistoryEntry[]): readonly string[] {
  return aligned(
    history.map((entry) => [
      entry.at,
      entry.event,
      [
        entry.reason,
        entry.by === undefined ? undefined : `by ${entry.by}`,
        entry.key === undefined ? undefined : `key ${entry.key}`,
        entry.source === undefined ? undefined : `from ${entry.source}`,
        entry.correlation === undefined ? undefined : `code ${entry.correlation}`,
        ...Object.entries(entry.detail ?? {}).map(([name, value]) => `${name} ${value}`),
      ]
        .filter((part) => part !== undefined)
        .join(", "),
    ]),
  );
}

function recordRows(story: IdentityStory): readonly Row[] {
  const { functions, tables } = story.capabilities;
  return [
    ["kind", story.kind],
    ["role", story.role],
    ["tags", story.tags.join(" ")],
    ["unit", story.unit],
    ["address", story.address],
    ["network", story.source],
    ["serial", story.serial],
    ["model", story.model],
    ["firmware", story.firmware],
    ["functions", functions?.join(" ")],
    ["tables", tables?.join(" ")],
    ["names", story.names.join(" ")],
    ["came in by", story.installer === null ? story.method : `${story.method} (${story.installer})`],
    ["key", story.key],
    ["registered", story.registered],
    ["changed", story.changed],
  ];
}

function certificateRows(story: IdentityStory): readonly Row[] {
  if (story.fingerprint === null) return [];
  return [
    ["fingerprint", story.fingerprint],
    ["serial number", story.certificateSerial],
    ["until", story.expires],
    ["to confirm by", story.confirmBy],
    ["renewed one", story.nextFingerprint],
    ["renewals", story.renewals],
    ["recoveries", `${story.recoveries} of ${story.recoveryLimit}`],
  ];
}

function approvalRows(story: IdentityStory): readonly Row[] {
  const given = story.approvals.map(({ by, at }): Row => [by, at]);
  const waits = story.state === "pending" && story.approvalsNeeded > given.length;
  const more: Row = ["still needed", story.approvalsNeeded - given.length];
  return waits ? [...given, more] : given;
}

function pairs(record: Readonly<Record<string, string>> | undefined): readonly Row[] {
  return Object.entries(record ?? {});
}

/** What is not known takes no line. */
function section(title: string, rows: readonly Row[]): readonly string[] {
  const known = rows.flatMap(([name, value]) =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return known.length === 0 && !title.includes(":") ? [] : ["", title, ...aligned(known).map(indented)];
}

function indented(line: string): string {
  return `  ${line}`;
}
