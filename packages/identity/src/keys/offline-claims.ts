import { z } from "zod";
import { isPin } from "../certificate/fingerprint.ts";
import type { IdentityKind } from "../certificate/issue.ts";
import type { KeyApproval } from "../types.ts";

/** As many as fit on a label that a scanner still reads. */
const MAX_SERIALS = 64;

/** What an offline key says of itself, and its issuer has signed. Times are seconds since 1970. */
export interface OfflineClaims {
  readonly v: 1;
  /** 8 characters of Crockford's base 32, unique to the issuer. */
  readonly id: string;
  readonly issuer: string;
  /** The pin of the site that it is for, and its name for people. */
  readonly pin: string;
  readonly site?: string;
  readonly kind: IdentityKind;
  readonly roles: readonly string[];
  readonly serials?: readonly string[];
  readonly model?: string;
  readonly unit?: number;
  /** The one id that may be registered with it. */
  readonly name?: string;
  /** More than one only with as many serial numbers. */
  readonly uses: number;
  readonly approval: KeyApproval;
  readonly claims?: Readonly<Record<string, string>>;
  readonly notBefore: number;
  readonly expires: number;
  readonly certificateDays?: number;
}

const text = z.string().min(1).max(200);
const crockford = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/);

export const offlineClaims: z.ZodType<OfflineClaims> = z.strictObject({
  v: z.literal(1),
  id: crockford,
  issuer: crockford,
  pin: z.string().refine(isPin),
  site: text.exactOptional(),
  kind: z.enum(["client", "device", "gateway"]),
  roles: z.array(text).max(16),
  serials: z.array(text).min(1).max(MAX_SERIALS).exactOptional(),
  model: text.exactOptional(),
  unit: z.int().min(1).max(247).exactOptional(),
  name: text.exactOptional(),
  uses: z.int().min(1).max(MAX_SERIALS),
  approval: z.enum(["auto", "manual", "two"]),
  claims: z.record(text, text).exactOptional(),
  notBefore: z.int().min(0),
  expires: z.int().min(0),
  certificateDays: z.int().min(1).max(3660).exactOptional(),
});
