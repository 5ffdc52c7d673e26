import type { JsonValue } from "@modwarden/audit";
import type { ApprovedRequest, Person, Step } from "./approval.ts";
import type { AskedApproval } from "./asked.ts";

export type RecordFields = Readonly<Record<string, JsonValue | undefined>>;

/** A step as the log has it: every one says all that it is about. */
export function stepFields({ event, approval, by, reason }: Step): RecordFields {
  const { id, subject, request, rules, expires, policy } = approval;
  return {
    event,
    approval: id,
    by: by === undefined ? undefined : personFields(by),
    subject: { ...subject },
    ...requestFields(request),
    rules: rules.map((rule) => ({ id: rule.id, approvals: rule.approvals, people: rule.people, by: [...rule.by] })),
    expires,
    policy,
    reason,
  };
}

/** What somebody tried, and was refused. */
export function attemptFields(
  attempt: string,
  by: Person,
  about: { readonly id?: string; readonly asked?: AskedApproval },
  error: string,
): RecordFields {
  return {
    event: "refused",
    attempt,
    approval: about.id,
    by: personFields(by),
    asked: about.asked === undefined ? undefined : (JSON.parse(JSON.stringify(about.asked)) as JsonValue),
    error,
  };
}

function requestFields({ device, function: code, subfunction, accesses, what }: ApprovedRequest): RecordFields {
  return {
    what,
    device,
    operation: { function: code, ...(subfunction === undefined ? {} : { subfunction }) },
    accesses: accesses.map(({ device: of, unit: at, table, file, address, quantity, write, points, values, mask }) => ({
      device: of,
      unit: at,
      table,
      ...(file === undefined ? {} : { file }),
      address,
      quantity,
      write,
      ...(points === undefined ? {} : { points: [...points] }),
      ...(values === undefined ? {} : { values: [...values] }),
      ...(mask === undefined ? {} : { mask: { ...mask } }),
    })),
  };
}

function personFields(person: Person): { readonly [key: string]: JsonValue } {
  return "operator" in person ? { operator: true } : { id: person.id, role: person.role };
}
