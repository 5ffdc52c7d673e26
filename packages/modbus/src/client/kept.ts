/** A copy of a request or PDU that waits, so that its caller may use the arrays in it for something else. */
export function kept<Asked>(asked: Asked): Asked {
  return copyOf(asked) as Asked;
}

function copyOf(value: unknown): unknown {
  if (value instanceof Uint8Array || value instanceof Uint16Array) return value.slice();
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part)]));
}
