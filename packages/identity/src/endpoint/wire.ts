import { z } from "zod";
import type { WantedContent } from "../errors.ts";
import { deviceDescription } from "../registry/device.ts";
import type { Confirmation, DeviceDescription, Enrolment, OfferedRenewal } from "../types.ts";

/** What goes over the wire, checked at both ends. */
export const MAX_BODY_BYTES = 16_384;

/** An offline key with its serial numbers is the longest. */
const MAX_KEY_CHARACTERS = 4096;

export interface EnrolBody {
  /** Empty for a device whose own key pair was imported. */
  readonly key: string;
  /** PKCS #10, PEM. */
  readonly csr: string;
  readonly name: string;
  readonly role?: string | undefined;
  readonly serial?: string | undefined;
  readonly device?: DeviceDescription | undefined;
  readonly deviceTime?: string | undefined;
  /** A person carries the certificate to the device, which takes longer to confirm it; only with an installer's certificate. */
  readonly carried?: true | undefined;
}

export interface ClaimBody {
  readonly id: string;
  readonly claim: string;
}

export interface RenewalBody {
  /** PKCS #10, PEM. */
  readonly csr: string;
  readonly counter?: number | undefined;
  readonly force?: boolean | undefined;
}

export interface PresentedKeyBody {
  readonly key: string;
  readonly serial?: string | undefined;
}

export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly correlation?: string | undefined;
    /** What a request has to say, of ERR_ENROLMENT_CSR_CONTENT. */
    readonly wanted?: WantedContent | undefined;
  };
}

export const enrolBody: z.ZodType<EnrolBody> = z.strictObject({
  key: z.string().max(MAX_KEY_CHARACTERS).default(""),
  csr: z.string().min(1).max(8192),
  name: z.string().min(1).max(64),
  role: z.string().min(1).max(64).optional(),
  serial: z.string().min(1).max(200).optional(),
  device: deviceDescription.optional(),
  deviceTime: z.iso.datetime().max(40).optional(),
  carried: z.literal(true).optional(),
});

/** A whole key, that is reported or asked about. */
export const presentedKeyBody: z.ZodType<PresentedKeyBody> = z.strictObject({
  key: z.string().min(1).max(MAX_KEY_CHARACTERS),
  serial: z.string().min(1).max(200).optional(),
});
/** Which pending identity is approved or denied. */
export const approvalBody: z.ZodType<{ readonly id: string }> = z.strictObject({ id: z.string().min(1).max(64) });

export const claimBody: z.ZodType<ClaimBody> = z.strictObject({
  id: z.string().min(1).max(64),
  claim: z.string().min(1).max(64),
});

export const renewalBody: z.ZodType<RenewalBody> = z.strictObject({
  csr: z.string().min(1).max(8192),
  counter: z.int().min(0).optional(),
  force: z.boolean().optional(),
});

const time = z.iso.datetime();
const pem = z.string().max(MAX_BODY_BYTES);

/** Unknown fields of an answer are let pass: a newer server may say more. */
export const enrolmentAnswer: z.ZodType<Enrolment> = z.discriminatedUnion("state", [
  z.object({
    id: z.string(),
    role: z.string().nullable(),
    state: z.literal("claimed"),
    chain: pem,
    anchors: z.array(pem).max(8),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    expires: time,
    confirmBy: time,
    serverTime: time,
    bundle: z.string(),
  }),
  z.object({
    id: z.string(),
    role: z.string().nullable(),
    state: z.literal("pending"),
    waitsFor: z.literal("authority").optional(),
    claim: z.string().max(64),
    anchors: z.array(pem).max(8),
    serverTime: time,
  }),
]);

export const confirmationAnswer: z.ZodType<Confirmation> = z.object({
  id: z.string(),
  role: z.string().nullable(),
  state: z.enum(["active", "suspended"]),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  expires: time,
});

export const renewalAnswer: z.ZodType<OfferedRenewal> = z.object({
  id: z.string(),
  role: z.string().nullable(),
  state: z.literal("claimed"),
  chain: pem,
  anchors: z.array(pem).max(8),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  expires: time,
  serverTime: time,
  counter: z.int().min(0),
  renewal: z.object({ after: time }),
  bundle: z.string(),
});

export const errorAnswer: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: z.string().max(64),
    message: z.string().max(1000),
    correlation: z.string().max(32).optional(),
    wanted: z
      .object({
        id: z.string().max(64),
        kind: z.enum(["client", "device", "gateway"]),
        role: z.string().max(64).nullable(),
        names: z.array(z.string().max(253)).max(100),
      })
      .optional(),
  }),
});
