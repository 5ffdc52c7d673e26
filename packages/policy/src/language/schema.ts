import { z } from "zod";
import type { AskedText, PolicyFile } from "./text.ts";

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
