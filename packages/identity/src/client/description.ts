import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { renewAfter } from "../renewal/schedule.ts";
import type { EnrolledIdentity } from "./enrol.ts";

/** identity.json, as it is written now. */
export interface Description {
  readonly modwarden: 2;
  readonly id: string;
  readonly role: string | null;
  readonly state: EnrolledIdentity["state"];
  readonly fingerprint: string | null;
  readonly expires: string | null;
  /** When the certificate should be renewed. */
  readonly renewAfter: string | null;
  /** How many renewals have been confirmed. */
  readonly counter: number;
  readonly pin: string;
  readonly url: string;
}

const common = {
  id: z.string(),
  role: z.string().nullable(),
  state: z.enum(["pending", "claimed", "active", "suspended"]),
  fingerprint: z.string().nullable(),
  expires: z.string().nullable(),
  pin: z.string(),
  url: z.string(),
};

const time = z.iso.datetime();

const description = z.discriminatedUnion("modwarden", [
  z.strictObject({ modwarden: z.literal(1), ...common }),
  z.strictObject({
    modwarden: z.literal(2),
    ...common,
    renewAfter: time.nullable(),
    counter: z.int().min(0),
  }),
]);

/** Reads what any version has written; who has the first knows of no renewal. Throws on anything else. */
export function parseDescription(text: string): Description {
  const read = description.parse(JSON.parse(text));
  return read.modwarden === 2 ? read : { ...read, modwarden: 2, renewAfter: null, counter: 0 };
}

export function descriptionText(identity: EnrolledIdentity): string {
  const { id, role, state, pin, url, chain, fingerprint = null, expires = null, counter = 0 } = identity;
  const after = identity.renewAfter ?? (chain === undefined ? null : dueOf(chain));
  const about: Description = {
    modwarden: 2,
    ...{ id, role, state, fingerprint, expires, renewAfter: after, counter, pin, url },
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

/** When the first certificate of a chain (PEM) should be renewed, ISO 8601. */
export function dueOf(chain: string): string {
  return renewAfter(new X509Certificate(chain)).toISOString();
}
