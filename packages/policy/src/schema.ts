import type { Because, Table, Transport } from "@modwarden/access";
import { notYet } from "@modwarden/document";
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
  /** 0-based. */
  readonly addresses?: readonly RangeText[] | undefined;
  readonly read?: string | LabelText | undefined;
  readonly write?: string | LabelText | undefined;
  /** Limits are in the engineering units of a point; of a functions entry they are raw u16. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly mask?: number | undefined;
}
export interface LabelText {
  readonly label: string;
}

export interface RuleText {
  readonly id: string;
  readonly permit?: { readonly roles: RolesText } | undefined;
  readonly forbid?: { readonly roles: RolesText } | undefined;
  readonly units?: readonly RangeText[] | undefined;
  readonly devices?: readonly string[] | undefined;
  readonly allow?: readonly EntryText[] | undefined;
  readonly deny?: readonly EntryText[] | undefined;
  readonly when?:
    | { readonly transports?: readonly Transport[] | undefined; readonly sources?: readonly string[] | undefined }
    | undefined;
}

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
const roles = z.strictObject({ roles: z.union([z.literal("*"), z.array(name).min(1)]) });
const point = z.union([name, z.strictObject({ label: name })]);
const limit = z.number().refine(Number.isFinite, "a finite number");
const word = z.int().min(0).max(65535);

const entry = z.strictObject({
  functions: z.array(functionCode).min(1).optional(),
  table: table.optional(),
  addresses: addresses.min(1).optional(),
  read: point.optional(),
  write: point.optional(),
  min: limit.optional(),
  max: limit.optional(),
  values: z.array(limit).min(1).max(1000).optional(),
  mask: word.optional(),
  maxStep: notYet("maxStep"),
  perSeconds: notYet("perSeconds"),
});

const rule = z.strictObject({
  id: name,
  permit: roles.optional(),
  forbid: roles.optional(),
  units: units.min(1).optional(),
  devices: z.array(name).min(1).optional(),
  allow: z.array(entry).min(1).optional(),
  deny: z.array(entry).min(1).optional(),
  when: z
    .strictObject({
      transports: z.array(transport).min(1).optional(),
      sources: z.array(name).min(1).optional(),
      hours: notYet("hours"),
      tz: notYet("tz"),
      interlock: notYet("interlock"),
    })
    .optional(),
  rate: notYet("rate"),
  approval: notYet("approval"),
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

const test = z.strictObject({
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
  at: notYet("at"),
  known: notYet("known"),
  records: notYet("records"),
  expect: z.enum(["permit", "deny"]),
  because: because.optional(),
});

/** The form of a policy file. What a form cannot say (names, ranges, combinations) is checked after it. */
export const policySchema: z.ZodType<PolicyFile> = z.strictObject({
  policy: z.literal(1),
  mode: z.enum(["enforce", "shadow"]).default("enforce"),
  roles: z.array(name.refine((role) => role !== "*", '"*" is no name for a role')),
  rules: z.array(rule),
  tests: z.array(test).default([]),
});
