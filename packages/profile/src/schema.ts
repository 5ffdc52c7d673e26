import { notYet } from "@modwarden/document";
import type { ValueType, WordOrder } from "@modwarden/protocol";
import { z } from "zod";
import type { Expectation, Limits, PointAccess, Table } from "./point.ts";
import type { Behaviour, Block, Device, Golden, Identification, LinkHints } from "./profile.ts";

/** The form of a device file. Every object is strict: an unknown key is an error at its own place. */
export interface ProfileDocument {
  readonly profile: 1;
  readonly device: Device;
  readonly identify: readonly Identification[];
  readonly link: LinkHints;
  readonly blocks: readonly Block[];
  readonly points: readonly PointDocument[];
  readonly behaviour?: Behaviour;
  readonly golden: readonly Golden[];
}

/** A point as the file has it: what follows from its type may be left out. */
export interface PointDocument {
  readonly id: string;
  readonly table: Table;
  readonly address: number;
  readonly type?: ValueType;
  readonly count?: number;
  readonly order: WordOrder;
  readonly scale: number | { readonly point: string };
  readonly unit?: string;
  readonly access: PointAccess;
  readonly bits?: Readonly<Record<string, string>>;
  readonly enum?: Readonly<Record<string, string>>;
  readonly nan?: readonly (number | string)[];
  readonly limits?: Limits;
  readonly labels?: readonly string[];
  readonly poll?: "fast" | "normal" | "slow";
  readonly expect?: Expectation;
  readonly alias: boolean;
}

/** Points and state variables are words of the expression language, so they are written alike. */
const pointId: z.ZodString = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,63}$/,
    "a name is a lower-case letter, then letters, digits and underscores, at most 64 in all",
  );

const text = z.string().min(1).max(200);
const table = z.enum(["coil", "discrete", "holding", "input"]);
const address = z.int().min(0).max(65535);
const bound = z.number().refine(Number.isFinite, "a finite number");

const device = z.strictObject({
  vendor: text,
  model: text,
  kind: text,
  revision: text.exactOptional(),
  source: z.string().max(2000).exactOptional(),
  verified: z.enum(["docs", "captured", "hardware"]).exactOptional(),
});

const identify = z.union([
  z.strictObject({ function: z.int().min(1).max(127), object: text.exactOptional(), matches: text }),
  z.strictObject({ read: table, address, expect: z.enum(["no-exception", "exception"]) }),
]);

const link = z.strictObject({
  maxRead: z.int().min(1).max(125).exactOptional(),
  maxWrite: z.int().min(1).max(123).exactOptional(),
  maxGap: z.int().min(0).max(125).exactOptional(),
  gapMs: z.number().min(0).max(10_000).exactOptional(),
  timeoutMs: z.number().min(1).max(600_000).exactOptional(),
  connections: z.int().min(1).max(1000).exactOptional(),
  wholePoints: z.boolean().exactOptional(),
});

/** `access: rw` makes the registers of the block that no point names writable, as in a plain memory. */
const block = z.strictObject({
  table,
  address,
  count: z.int().min(1).max(65536),
  access: z.enum(["r", "rw"]).default("r"),
});

const limits = z.strictObject({
  min: bound.exactOptional(),
  max: bound.exactOptional(),
  step: notYet("step"),
  slewPerSecond: notYet("slewPerSecond"),
});

const names = (index: RegExp, message: string) => z.record(z.string().regex(index, message), text);

/** A raw pattern. Sixty-four bits do not fit a YAML number exactly, so text such as "0x8000000000000000" is taken too. */
const pattern = z.union([
  z.int().min(0),
  z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, 'a raw pattern is a whole number or text such as "0xFFFF"'),
]);

const expectation = z.strictObject({
  normal: z.tuple([bound, bound]).exactOptional(),
  maxDeltaPerSecond: z.number().positive().exactOptional(),
  deadband: z.number().min(0).exactOptional(),
});

const point = z.strictObject({
  id: pointId,
  table,
  address,
  type: z
    .enum(["bool", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "bcd", "string", "epoch32", "scaleFactor"])
    .exactOptional(),
  count: z.int().min(1).max(125).exactOptional(),
  order: z.enum(["ABCD", "CDAB", "BADC", "DCBA"]).default("ABCD"),
  scale: z
    .union([bound.refine((scale) => scale !== 0, "a scale is not 0"), z.strictObject({ point: pointId })])
    .default(1),
  unit: z.string().min(1).max(20).exactOptional(),
  access: z.enum(["r", "rw", "w"]).default("r"),
  bits: names(/^(0|[1-9]\d?)$/, "a bit is named by its number, 0 is the lowest").exactOptional(),
  enum: names(/^-?(0|[1-9]\d*)$/, "an enumeration is named by whole numbers").exactOptional(),
  nan: z.array(pattern).min(1).max(16).exactOptional(),
  limits: limits.exactOptional(),
  labels: z.array(text).max(32).exactOptional(),
  poll: z.enum(["fast", "normal", "slow"]).exactOptional(),
  expect: expectation.exactOptional(),
  alias: z.boolean().default(false),
});

const value = z.union([bound, z.boolean(), z.string().max(250)]);

const behaviour = z.strictObject({
  stepMs: z.int().min(10).max(60_000).default(100),
  /** Values that the points have at first. */
  set: z.record(pointId, value).default({}),
  state: z.record(pointId, bound).default({}),
  rules: z
    .array(z.strictObject({ set: pointId, to: z.string().min(1).max(2000) }))
    .max(1000)
    .default([]),
});

const golden = z.strictObject({
  point: pointId,
  words: z.array(z.int().min(0).max(65535)).min(1).max(125),
  /** `null`: the words mean "no value". */
  value: value.nullable(),
  /** What other points hold meanwhile, for a scale that stands in a register. */
  with: z.record(pointId, bound).default({}),
});

export const profileSchema: z.ZodType<ProfileDocument> = z.strictObject({
  profile: z.literal(1, "this version reads device files that say `profile: 1`"),
  device,
  identify: z.array(identify).max(32).default([]),
  link: link.default({}),
  blocks: z.array(block).min(1).max(1000),
  points: z.array(point).max(10_000).default([]),
  behaviour: behaviour.exactOptional(),
  golden: z.array(golden).max(10_000).default([]),
});
