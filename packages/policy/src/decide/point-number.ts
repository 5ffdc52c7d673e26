import type { Point } from "@modwarden/profile";

/**
 * A raw number of a point in its engineering units, as a person would have written it: 14746 x 0.0061035 is 90.002211,
 * but 90 is the shortest decimal that the device holds as 14746. A text that would read like the limit that the value
 * breaks is given with more digits.
 */
export function pointNumber(point: Point, raw: number | bigint, limit: number | undefined): string {
  const { factor } = point;
  if (factor === undefined || factor.numerator === factor.denominator) return floatText(point, raw, limit);
  const value = (Number(raw) * Number(factor.numerator)) / Number(factor.denominator);
  if (point.type === "f32" || point.type === "f64") return floatText(point, value, limit);
  // Few decimals by themselves: 3 x 0.25 is 0.75, not 0.8.
  if (factor.denominator <= 1000n || !Number.isFinite(value)) return String(value);
  const scale = Number(factor.numerator) / Number(factor.denominator);
  for (let decimals = 0; decimals <= 12; decimals += 1) {
    const text = String(Number(value.toFixed(decimals)));
    if (Math.round(Number(text) / scale) === Number(raw) && Number(text) !== limit) return text;
  }
  return String(value);
}

/** An f32 has about seven digits; more would be noise. */
function floatText(point: Point, value: number | bigint, limit: number | undefined): string {
  if (typeof value === "bigint" || point.type !== "f32" || !Number.isFinite(value)) return String(value);
  const text = String(Number(value.toPrecision(7)));
  return Number(text) === limit ? String(value) : text;
}
