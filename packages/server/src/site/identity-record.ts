import type { IdentityEvent } from "@modwarden/identity";

/** An identity event as the log has it: the fields that are known, in one order. */
export function recordOf(event: IdentityEvent): {
  readonly time: string;
  readonly kind: "enrolment" | "identity";
  readonly fields: Record<string, string>;
} {
  const { kind, at, ...rest } = event;
  const fields: Record<string, string> = {};
  for (const name of ["event", "id", "key", "role", "fingerprint", "reason", "correlation", "source"] as const) {
    const value = rest[name];
    if (value !== undefined) fields[name] = value;
  }
  return { time: `${at.toISOString().slice(0, -1)}000Z`, kind, fields };
}
