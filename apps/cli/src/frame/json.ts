/**
 * One compact line. A bigint becomes a number where that is exact and text where it is not; a number that JSON does
 * not have (NaN, infinite) becomes null.
 */
export function toJsonLine(document: unknown): string {
  return `${JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? plain(value) : value))}\n`;
}

function plain(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
