import { z } from "zod";

/** The form of a plant file. Every object is strict: an unknown key is an error at its own place. */
export interface PlantFile {
  readonly plant: 1;
  readonly name: string;
  readonly units: readonly UnitEntry[];
  readonly couplings: readonly { readonly set: string; readonly to: string }[];
  readonly faults: readonly FaultEntry[];
}

export interface UnitEntry {
  readonly unit: number;
  /** A built-in name, or the path of a device file. */
  readonly profile: string;
  readonly id: string;
  readonly set: Readonly<Record<string, number | boolean | string>>;
}

/** What a fault waits for; what is left out is everything. */
export interface FaultTarget {
  readonly unit?: number;
  readonly functions?: readonly number[];
}

interface CommonFault {
  /** Its name for switching it off; by default the kind and its place in the list. */
  readonly id?: string;
  readonly target: FaultTarget;
  /** How likely a request that it waits for meets it, 0 to 1. */
  readonly probability: number;
  /** How often it happens before it wears off; left out: it does not. */
  readonly count?: number;
  readonly seed?: number;
}

/** A fault of the line. */
export type FaultEntry =
  | (CommonFault & { readonly kind: "no-answer" })
  | (CommonFault & { readonly kind: "late-answer"; readonly delayMs: number })
  | (CommonFault & { readonly kind: "exception"; readonly code: number });

const unitNumber = z.int().refine((unit) => (unit >= 1 && unit <= 247) || unit === 255, "a unit is 1 to 247, or 255");

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,63}$/,
    "a name is a lower-case letter, then letters, digits and underscores, at most 64 in all",
  );

const unit = z.strictObject({
  unit: unitNumber,
  profile: z.string().min(1).max(1000),
  id: name,
  set: z.record(name, z.union([z.number(), z.boolean(), z.string().max(250)])).default({}),
});

const coupling = z.strictObject({
  set: z.string().regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, "a coupling sets a point of a unit: unit.point"),
  to: z.string().min(1).max(2000),
});

const target = z.strictObject({
  unit: unitNumber.exactOptional(),
  functions: z.array(z.int().min(1).max(127)).min(1).max(127).exactOptional(),
});

const common = {
  id: z.string().min(1).max(64).exactOptional(),
  target: target.default({}),
  probability: z.number().min(0).max(1).default(1),
  count: z.int().min(1).exactOptional(),
  seed: z.int().min(0).max(0xffff_ffff).exactOptional(),
};

/** An answer later than this is none: whoever waits has long given up. */
const MAX_DELAY_MS = 600_000;

const faultSchema: z.ZodType<FaultEntry> = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("no-answer"), ...common }),
    z.strictObject({ kind: z.literal("late-answer"), delayMs: z.int().min(1).max(MAX_DELAY_MS), ...common }),
    z.strictObject({ kind: z.literal("exception"), code: z.int().min(1).max(255), ...common }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union" ? "this version has the faults no-answer, late-answer and exception" : undefined,
  },
);

export const plantSchema: z.ZodType<PlantFile> = z.strictObject({
  plant: z.literal(1, "this version reads plant files that say `plant: 1`"),
  name: z.string().min(1).max(100),
  units: z.array(unit).min(1).max(248),
  couplings: z.array(coupling).max(1000).default([]),
  faults: z.array(faultSchema).max(100).default([]),
});

/** The JSON Schema (draft 2020-12) of plant files, for editors. */
export function plantJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(plantSchema, { io: "input" }) as Record<string, unknown>;
}
