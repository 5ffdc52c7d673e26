import { z } from "zod";
import type { EventDraft, IdentityEvent } from "./events.ts";
import type { EventTable } from "./registry/schema.ts";

/** An event as the registry keeps it. */
export type EventRow = { readonly [Name in keyof EventTable]: Name extends "edge" ? number : EventTable[Name] };

const fields: z.ZodType<Pick<IdentityEvent, "role" | "fingerprint" | "reason" | "source" | "by" | "detail">> =
  z.strictObject({
    role: z.string().exactOptional(),
    fingerprint: z.string().exactOptional(),
    reason: z.string().exactOptional(),
    source: z.string().exactOptional(),
    by: z.string().exactOptional(),
    detail: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  });

export function eventOf(row: EventRow): IdentityEvent {
  const { edge, at, identity_id: id, key_id: key, correlation } = row;
  return {
    edge,
    at: new Date(at),
    kind: row.kind as IdentityEvent["kind"],
    event: row.event as IdentityEvent["event"],
    ...(id === null ? {} : { id }),
    ...(key === null ? {} : { key }),
    ...(correlation === null ? {} : { correlation }),
    ...fields.parse(JSON.parse(row.fields)),
  };
}

export function rowOf(draft: EventDraft, at: number): Omit<EventRow, "edge"> {
  const { kind, event, id, key, correlation, ...rest } = draft;
  return {
    at,
    kind,
    event,
    identity_id: id ?? null,
    key_id: key ?? null,
    correlation: correlation ?? null,
    fields: JSON.stringify(rest),
  };
}
