import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "30m", "24h", "90d" as milliseconds. For commander's option parsers. */
export function duration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const [, count = "", unit = ""] = match ?? [];
  const ms = Number(count) * (units[unit] ?? 0);
  if (match === null || ms === 0) throw new InvalidArgumentError("A duration such as 30m, 24h or 90d is wanted.");
  return ms;
}
