/** A number of records, bytes or epochs. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Canonical only: the bits that base64 padding leaves over must be zero. */
export function isBase64(value: unknown, bytes: number): boolean {
  if (typeof value !== "string") return false;
  const decoded = Buffer.from(value, "base64");
  return decoded.length === bytes && decoded.toString("base64") === value;
}
