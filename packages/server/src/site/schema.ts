import { notYet } from "@modwarden/document";
import { type TlsSuite, tlsSuites } from "@modwarden/modbus";
import { z } from "zod";
import { type AuditSection, auditSection } from "./schema-audit.ts";
import { type FingerprintSection, fingerprintSection } from "./schema-fingerprint.ts";

const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    "an id is 1 to 63 letters, digits, '.', '_' or '-', and starts with a letter or digit",
  );
const url = z.string().min(1).max(300);

/** site.yaml as it was written, defaults filled in. */
export interface SiteFile {
  readonly modwarden: 1;
  readonly site: string;
  readonly data: string;
  readonly gateway: {
    readonly id: string;
    readonly names: readonly string[];
    readonly zone?: string | undefined;
    readonly suites?: readonly TlsSuite[] | undefined;
    readonly role?: string | undefined;
    readonly listen: readonly {
      readonly url: string;
      readonly sources?: Readonly<Record<string, string>> | undefined;
      readonly devices?: readonly string[] | undefined;
    }[];
    readonly devices: readonly {
      readonly id: string;
      readonly unit: number;
      readonly profile?: string | undefined;
      readonly at: string;
      readonly depth: number;
      readonly timeoutMs: number;
      readonly fingerprint?: FingerprintSection | undefined;
    }[];
  };
  readonly policy: string;
  readonly enrolment?:
    | {
        readonly listen: string;
        readonly approvers: readonly string[];
        readonly installers: readonly string[];
      }
    | undefined;
  readonly authority?:
    | {
        readonly passphrase?: { readonly file: string } | { readonly credential: string } | undefined;
        readonly signer?: { readonly module: string; readonly options?: unknown } | undefined;
        readonly est?:
          | {
              readonly url: string;
              readonly anchors: string;
              readonly user?: string | undefined;
              readonly passwordFile?: string | undefined;
              readonly identity?: { readonly key: string; readonly certificate: string } | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly console?: { readonly listen: string } | undefined;
  readonly audit: AuditSection;
}

const listener = z.strictObject({
  url,
  sources: z.record(z.string(), id).optional(),
  devices: z.array(id).min(1).optional(),
});

const device = z.strictObject({
  id,
  unit: z.int().min(0).max(255),
  profile: z.string().min(1).max(300).optional(),
  at: url,
  depth: z.int().min(1).max(16).default(1),
  timeoutMs: z.int().min(10).max(60_000).default(1_000),
  fingerprint: fingerprintSection.optional(),
});

const roles = z.array(z.string().min(1).max(64)).max(16).default([]);

/** site.yaml: one installation. Paths are relative to the file. */
export const siteSchema: z.ZodType<SiteFile> = z.strictObject({
  modwarden: z.literal(1, { error: "this program reads version 1: write `modwarden: 1`" }),
  site: id,
  data: z.string().min(1),
  gateway: z.strictObject({
    id,
    names: z.array(z.string().min(1).max(253)).max(32).default([]),
    zone: id.optional(),
    suites: z.array(z.enum(tlsSuites)).min(1).max(tlsSuites.length).optional(),
    role: z.string().min(1).max(64).optional(),
    listen: z.array(listener).min(1).max(16),
    devices: z.array(device).max(1_000).default([]),
  }),
  policy: z.string().min(1),
  enrolment: z.strictObject({ listen: url, approvers: roles, installers: roles }).optional(),
  authority: z
    .strictObject({
      passphrase: z
        .union([
          z.strictObject({ file: z.string().min(1).max(300) }),
          z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/) }),
        ])
        .optional(),
      signer: z.strictObject({ module: z.string().min(1).max(300), options: z.json().optional() }).optional(),
      est: z
        .strictObject({
          url: z.url({ protocol: /^https$/ }),
          anchors: z.string().min(1).max(300),
          user: z.string().min(1).max(200).optional(),
          passwordFile: z.string().min(1).max(300).optional(),
          identity: z
            .strictObject({ key: z.string().min(1).max(300), certificate: z.string().min(1).max(300) })
            .optional(),
        })
        .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), {
          error: '"user" and "passwordFile" belong together',
        })
        .optional(),
    })
    .optional(),
  console: z.strictObject({ listen: url }).optional(),
  metrics: notYet("metrics"),
  audit: auditSection,
  detect: notYet("detect"),
});

/** The published JSON Schema of site.yaml. */
export function siteJsonSchema(): unknown {
  return z.toJSONSchema(siteSchema, {
    io: "input",
    unrepresentable: "any",
    // A key that is not acted on yet is not allowed, in an editor as in the program.
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === "custom") jsonSchema.not = {};
    },
  });
}
