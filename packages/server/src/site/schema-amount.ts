import { z } from "zod";

const BYTES = /^(0|[1-9]\d{0,5})(MB|GB|TB)$/;
const DAYS = /^([1-9]\d{0,4})d$/;
const BYTES_OF: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of an amount as a site file says it: `16MB`, `50GB`. Powers of ten, as disks are sold. */
export function amountBytes(text: string): number {
  const [, count = "0", unit = "MB"] = BYTES.exec(text) ?? [];
  return Number(count) * BYTES_OF[unit]!;
}

/** Milliseconds of a number of days: `90d`. */
export function daysMs(text: string): number {
  return Number(DAYS.exec(text)?.[1] ?? 0) * 86_400_000;
}

/** An amount between two, such as 50GB. */
export function amount(least: string, most: string): z.ZodType<string> {
  return z
    .string()
    .regex(BYTES, "an amount is a number of MB, GB or TB, such as 50GB")
    .refine((text) => amountBytes(text) >= amountBytes(least) && amountBytes(text) <= amountBytes(most), {
      error: `it is from ${least} to ${most}`,
    });
}

export const days: z.ZodType<string> = z.string().regex(DAYS, "a time to keep is a number of days, such as 90d");
