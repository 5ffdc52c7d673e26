import type { JsonValue } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";

const NAMES = ["event", "id", "key", "role", "by", "fingerprint", "reason", "correlation", "source"] as const;

/** An identity event as the log has it: the fields that are known, in one order. */
export function recordOf(event: IdentityEvent): {
  readonly time: string;
  readonly kind: "enrolment" | "identity";
  readonly fields: Record<string, JsonValue>;
} {
  const { kind, at, detail, ...rest } = event;
  const fields: Record<string, JsonValue> = { edge: event.edge };
  for (const name of NAMES) {
    const value = rest[name];
    if (value !== undefined) fields[name] = value;
  }
  if (detail !== undefined) fields["detail"] = { ...detail };
  return { time: `${at.toISOString().slice(0, -1)}000Z`, kind, fields };
}
