import type { Approval, Person } from "@modwarden/server";
import { aligned } from "../frame/table.ts";

/** An approval for a person to read. */
export function approvalLines(approval: Approval): readonly string[] {
  const { id, state, subject, requestedBy, request, rules, approvals, requested, expires, ended, reason } = approval;
  return [
    `${id}: ${stateText(approval)}`,
    ...aligned([
      ["what", request.what],
      ["whose", `${subject.id} (${subject.role ?? "no role"})`],
      ["asked for", `${requested} by ${nameOf(requestedBy)}`],
      ...rules.map(({ id: rule, people, by, approvals: count }) => [
        "rule",
        `${rule}: ${count} of ${people} ${people === 1 ? "person" : "people"}, by ${by.join(", ")}`,
      ]),
      ...approvals.map(({ by, at }) => ["approved", `${at} by ${nameOf(by)}`]),
      state === "open" || state === "granted" ? ["until", expires] : ["ended", ended ?? "-"],
      ...(reason === null ? [] : [["reason", reason]]),
    ]).map((line) => `  ${line}`),
  ];
}

/** "open, 1 of 2" */
export function stateText({ state, rules }: Approval): string {
  if (state === "granted") return "granted: it may be done once";
  if (state !== "open") return state;
  const open = rules.filter(({ approvals, people }) => approvals < people);
  return `open, ${open.map(({ id, approvals, people }) => `${approvals} of ${people} for ${id}`).join(", ")}`;
}

function nameOf(person: Person): string {
  return "operator" in person ? "the operator at the site" : `${person.id} (${person.role ?? "no role"})`;
}
