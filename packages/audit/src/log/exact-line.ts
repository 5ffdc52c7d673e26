/**
 * Reads one line of JSON that is signed. Undefined unless it is, byte for byte, the line that the log would write of it:
 * nothing that the signature does not cover can stand in it.
 */
export function parseExactLine<Value>(
  line: Uint8Array,
  mostBytes: number,
  isValue: (value: unknown) => value is Value,
  lineOf: (value: Value) => string,
): Value | undefined {
  if (line.length > mostBytes) return undefined;
  const text = Buffer.from(line).toString("latin1");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isValue(value) && lineOf(value) === text ? value : undefined;
}
