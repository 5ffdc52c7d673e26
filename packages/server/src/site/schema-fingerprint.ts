import { z } from "zod";

const DURATION = /^([1-9]\d{0,5})(m|h|d)$/;
const MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a device is known by that cannot enrol. */
export interface FingerprintSection {
  readonly objects: boolean;
  readonly serverId: boolean;
  readonly registers: readonly {
    readonly table: "coil" | "discrete" | "holding" | "input";
    readonly address: number;
    readonly quantity: number;
  }[];
  /** Such as 24h. */
  readonly every: string;
  readonly onDrift: "alarm" | "bar";
}

const registers = z
  .strictObject({
    table: z.enum(["coil", "discrete", "holding", "input"]),
    address: z.int().min(0).max(65_535),
    quantity: z.int().min(1).max(125).default(1),
  })
  .refine(({ address, quantity }) => address + quantity <= 65_536, "address and quantity reach beyond 65535");

export const fingerprintSection: z.ZodType<FingerprintSection> = z
  .strictObject({
    objects: z.boolean().default(true),
    serverId: z.boolean().default(true),
    registers: z.array(registers).max(8).default([]),
    every: z.string().regex(DURATION, "a time is a number of minutes, hours or days: 30m, 24h, 7d").default("24h"),
    onDrift: z.enum(["alarm", "bar"]).default("alarm"),
  })
  .refine(
    ({ objects, serverId, registers: places }) => objects || serverId || places.length > 0,
    "a fingerprint needs objects, serverId or registers",
  );

/** Milliseconds of a time as the schema takes it. */
export function everyMs(text: string): number {
  const [, count = "0", unit = "m"] = DURATION.exec(text) ?? [];
  return Number(count) * (MS[unit] ?? 0);
}
