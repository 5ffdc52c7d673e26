import type { Because, Table, Transport } from "@modwarden/access";
import { z } from "zod";

/** A function code: `6`, or with its sub-function or MEI type `"8/1"`, `"43/14"`. */
export type FunctionText = number | string;
/** One number, or an inclusive range as text: `"1-4"`. */
export type RangeText = number | string;
/** `"*"` of a permit is every declared role; of a forbid it is everyone, also without a role. */
export type RolesText = "*" | readonly string[];

/** What an entry names: functions, or a point by its name, or all points with a label. */
export interface EntryText {
  readonly functions?: readonly FunctionText[] | undefined;
  readonly table?: Table | undefined;
  /** 0-based. Of function 24 the address of the FIFO. */
  readonly addresses?: readonly RangeText[] | undefined;
  /** Functions 20 and 21: file numbers, 1 to 65535. */
  readonly files?: readonly RangeText[] | undefined;
  /** Functions 20 and 21: record numbers within each of `files`, 0 to 9999. */
  readonly records?: readonly RangeText[] | undefined;
  readonly read?: string | LabelText | undefined;
  readonly write?: string | LabelText | undefined;
  /** Limits are in the engineering units of a point; of a functions entry they are raw u16. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly mask?: number | undefined;
  /** How far a written value may be from the last known one. */
  readonly maxStep?: number | undefined;
  /** With `maxStep`: how far from every value within so many seconds before. */
  readonly perSeconds?: number | undefined;
  /** With `maxStep`: how old the last known value may be; an older one is read first. Default 5000. */
  readonly maxAgeMs?: number | undefined;
}
export interface LabelText {
  readonly label: string;
}

/** Whom a rule is about. Every key that is given has to fit, by any of its names. */
export interface SubjectsText {
  readonly roles?: RolesText | undefined;
  /** Identities of the registry. */
  readonly ids?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly kinds?: readonly SubjectKind[] | undefined;
}
export type SubjectKind = "client" | "device" | "gateway";

/** What has to be true of another point: `drive.status_word.alarm` is device, point and bit; without device the one asked. */
export interface InterlockText {
  readonly point: string;
  readonly equals?: number | boolean | undefined;
  readonly not?: number | boolean | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly values?: readonly number[] | undefined;
  /** How old what is known of it may be; the gateway reads it itself when it is older. */
  readonly maxAgeMs: number;
}

/** When a rule counts. Every key that is given has to hold. */
export interface WhenText {
  readonly transports?: readonly Transport[] | undefined;
  /** URLs of listeners, as the site file has them. */
  readonly listeners?: readonly string[] | undefined;
  /** Client networks. */
  readonly sources?: readonly string[] | undefined;
  readonly sites?: readonly string[] | undefined;
  readonly gateways?: readonly string[] | undefined;
  readonly zones?: readonly string[] | undefined;
  /** `"Mon-Fri 06:00-22:00"`, or several of which one has to hold. */
  readonly hours?: string | readonly string[] | undefined;
  /** IANA name of the time zone of `hours`. */
  readonly tz?: string | undefined;
  readonly interlock?: InterlockText | readonly InterlockText[] | undefined;
}

/** A bucket for each subject: it holds `burst` requests and fills at `requests` in `perSeconds`. */
export interface RateText {
  readonly requests: number;
  readonly perSeconds: number;
  /** Default `requests`. */
  readonly burst?: number | undefined;
}

/** Single use, bound to subject, point and value. */
export interface ApprovalText {
  readonly people: 1 | 2;
  /** `15m`: how long after it was asked for. */
  readonly ttl: string;
  /** The roles whose holders may approve; default: those that the rule permits. */
  readonly by?: readonly string[] | undefined;
}

export interface RuleText {
  readonly id: string;
  readonly permit?: SubjectsText | undefined;
  readonly forbid?: SubjectsText | undefined;
  /** Judged and recorded, and without effect on what happens. */
  readonly mode?: "enforce" | "shadow" | undefined;
  readonly units?: readonly RangeText[] | undefined;
  readonly devices?: readonly string[] | undefined;
  readonly allow?: readonly EntryText[] | undefined;
  readonly deny?: readonly EntryText[] | undefined;
  readonly when?: WhenText | undefined;
  readonly rate?: RateText | undefined;
  readonly approval?: ApprovalText | undefined;
}

/** One sub-request of function 20 (`quantity`) or 21 (`values`). */
export interface RecordText {
  readonly file: number;
  readonly record: number;
  readonly quantity?: number | undefined;
  readonly values?: readonly number[] | undefined;
}

/** What is known of a point: its value in engineering units, and how old that is (default 0). */
export type KnownText = number | boolean | { readonly value: number | boolean; readonly ageMs: number };

/** A request as a test of the file or a person describes it. */
export interface AskedText {
  /** A role; `null` is the NULL role. */
  readonly as: string | null;
  readonly unit?: number | undefined;
  readonly device?: string | undefined;
  /** Default `tls`. */
  readonly transport?: Transport | undefined;
  /** The client's address. */
  readonly from?: string | undefined;
  /** Who of the holders of the role; what the registry knows of them. */
  readonly id?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly kind?: SubjectKind | undefined;
  /** URL of the listener, as the site file has it. */
  readonly listener?: string | undefined;
  /** RFC 3339; default: no time is known. */
  readonly at?: string | undefined;
  /** Last values by point, `device.point` for those of another device. */
  readonly known?: Readonly<Record<string, KnownText>> | undefined;
  /** There is an approval for it. */
  readonly approved?: boolean | undefined;
  readonly records?: readonly RecordText[] | undefined;
  readonly function?: FunctionText | undefined;
  readonly address?: number | undefined;
  readonly quantity?: number | undefined;
  /** Of a point in its engineering units, or the name of an enumeration's value; of a function raw. */
  readonly value?: number | boolean | string | undefined;
  readonly values?: readonly number[] | undefined;
  readonly and?: number | undefined;
  readonly or?: number | undefined;
  /** A point, or the read half of function 23. */
  readonly read?: string | { readonly address: number; readonly quantity: number } | undefined;
  /** A point, or the write half of function 23. */
  readonly write?: string | { readonly address: number; readonly values: readonly number[] } | undefined;
}
export interface TestText extends AskedText {
  readonly expect: "permit" | "deny";
  readonly because?: Because | undefined;
}

export interface PolicyFile {
  readonly policy: 1;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
  readonly rules: readonly RuleText[];
  readonly tests: readonly TestText[];
}

const name = z.string().min(1).max(128);
const functionCode = z.union([
  z.int().min(1).max(127),
  z.string().regex(/^\d{1,3}\/\d{1,5}$/, 'a function is its code, or code and sub-function such as "8/1" or "43/14"'),
]);
const units = z.array(
  z.union([
    z.int().min(0).max(255),
    z.string().regex(/^\d{1,3}-\d{1,3}$/, 'a unit is 0 to 255, or a range such as "1-4"'),
  ]),
);
const addresses = z.array(
  z.union([
    z.int().min(0).max(65535),
    z.string().regex(/^\d{1,5}-\d{1,5}$/, 'an address is 0 to 65535, or a range such as "100-109"'),
  ]),
);
const table = z.enum(["coil", "discrete", "holding", "input"]);
const transport = z.enum(["tcp", "tls", "udp", "rtu", "ascii", "memory"]);
const names = z.array(name).min(1).max(1000);
const kind = z.enum(["client", "device", "gateway"]);
const subjects = z.strictObject({
  roles: z.union([z.literal("*"), names]).optional(),
  ids: names.optional(),
  tags: names.optional(),
  kinds: z.array(kind).min(1).optional(),
});
const point = z.union([name, z.strictObject({ label: name })]);
const limit = z.number().refine(Number.isFinite, "a finite number");
const word = z.int().min(0).max(65535);
const ageMs = z.int().min(0).max(3_600_000);
const files = z.array(
  z.union([
    z.int().min(1).max(65535),
    z.string().regex(/^\d{1,5}-\d{1,5}$/, 'a file is 1 to 65535, or a range such as "1-10"'),
  ]),
);
const records = z.array(
  z.union([
    z.int().min(0).max(9999),
    z.string().regex(/^\d{1,4}-\d{1,4}$/, 'a record is 0 to 9999, or a range such as "0-99"'),
  ]),
);

const entry = z.strictObject({
  functions: z.array(functionCode).min(1).optional(),
  table: table.optional(),
  addresses: addresses.min(1).optional(),
  files: files.min(1).optional(),
  records: records.min(1).optional(),
  read: point.optional(),
  write: point.optional(),
  min: limit.optional(),
  max: limit.optional(),
  values: z.array(limit).min(1).max(1000).optional(),
  mask: word.optional(),
  maxStep: z.number().positive().refine(Number.isFinite, "a finite number").optional(),
  perSeconds: z.number().positive().max(86_400).optional(),
  maxAgeMs: ageMs.optional(),
});

const interlock = z.strictObject({
  point: z.string().min(1).max(300),
  equals: z.union([limit, z.boolean()]).optional(),
  not: z.union([limit, z.boolean()]).optional(),
  min: limit.optional(),
  max: limit.optional(),
  values: z.array(limit).min(1).max(1000).optional(),
  maxAgeMs: ageMs,
});

const when = z.strictObject({
  transports: z.array(transport).min(1).optional(),
  listeners: names.optional(),
  sources: names.optional(),
  sites: names.optional(),
  gateways: names.optional(),
  zones: names.optional(),
  hours: z.union([name, names]).optional(),
  tz: name.optional(),
  interlock: z.union([interlock, z.array(interlock).min(1).max(16)]).optional(),
});

const rule = z.strictObject({
  id: name,
  permit: subjects.optional(),
  forbid: subjects.optional(),
  mode: z.enum(["enforce", "shadow"]).optional(),
  units: units.min(1).optional(),
  devices: z.array(name).min(1).optional(),
  allow: z.array(entry).min(1).optional(),
  deny: z.array(entry).min(1).optional(),
  when: when.optional(),
  rate: z
    .strictObject({
      requests: z.number().positive().max(1_000_000),
      perSeconds: z.number().positive().max(86_400),
      burst: z.number().min(1).max(1_000_000).optional(),
    })
    .optional(),
  approval: z
    .strictObject({
      people: z.union([z.literal(1), z.literal(2)], "approval is by 1 or 2 people"),
      ttl: z.string().regex(/^[1-9]\d{0,4}[smh]$/, "a time to live is written 90s, 15m or 2h"),
      by: names.optional(),
    })
    .optional(),
});

const because = z.enum([
  "no-permit",
  "forbid",
  "min",
  "max",
  "values",
  "mask",
  "step",
  "slew",
  "partial",
  "time",
  "interlock",
  "approval",
  "transport",
  "source",
  "unknown-subject",
  "rate",
  "outstanding",
]);

const asked = z.strictObject({
  as: name.nullable(),
  unit: z.int().min(0).max(255).optional(),
  device: name.optional(),
  transport: transport.optional(),
  from: name.optional(),
  function: functionCode.optional(),
  address: word.optional(),
  quantity: z.int().min(1).max(65535).optional(),
  value: z.union([limit, z.boolean(), z.string().max(250)]).optional(),
  values: z.array(word).min(1).max(2000).optional(),
  and: word.optional(),
  or: word.optional(),
  read: z.union([name, z.strictObject({ address: word, quantity: z.int().min(1).max(125) })]).optional(),
  write: z.union([name, z.strictObject({ address: word, values: z.array(word).min(1).max(121) })]).optional(),
  id: name.optional(),
  tags: names.optional(),
  kind: kind.optional(),
  listener: name.optional(),
  at: z.iso
    .datetime({ offset: true, error: 'a time is written "2026-11-21T09:14:03Z", or with its offset' })
    .optional(),
  known: z
    .record(name, z.union([limit, z.boolean(), z.strictObject({ value: z.union([limit, z.boolean()]), ageMs })]))
    .optional(),
  approved: z.boolean().optional(),
  records: z
    .array(
      z.strictObject({
        file: z.int().min(1).max(65535),
        record: z.int().min(0).max(9999),
        quantity: z.int().min(1).max(125).optional(),
        values: z.array(word).min(1).max(122).optional(),
      }),
    )
    .min(1)
    .max(35)
    .optional(),
});

const test = asked.extend({ expect: z.enum(["permit", "deny"]), because: because.optional() });

/** The form of a request as a person describes it: what a test has but for what it expects. */
export const askedSchema: z.ZodType<AskedText> = asked;

/** The form of a policy file. What a form cannot say (names, ranges, combinations) is checked after it. */
export const policySchema: z.ZodType<PolicyFile> = z.strictObject({
  policy: z.literal(1),
  mode: z.enum(["enforce", "shadow"]).default("enforce"),
  roles: z.array(name.refine((role) => role !== "*", '"*" is no name for a role')),
  rules: z.array(rule),
  tests: z.array(test).default([]),
});
