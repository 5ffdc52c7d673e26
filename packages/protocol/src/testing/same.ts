/** Whether two messages hold the same: plain objects, arrays, typed arrays and primitives, to any depth. */
export function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left.constructor !== right.constructor) return false;
  if (ArrayBuffer.isView(left) || Array.isArray(left)) {
    return sameElements(left as unknown as ArrayLike<unknown>, right as unknown as ArrayLike<unknown>);
  }
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  let fields = 0;
  for (const key in a) {
    if (!(key in b) || !same(a[key], b[key])) return false;
    fields++;
  }
  return fields === Object.keys(b).length;
}

function sameElements(left: ArrayLike<unknown>, right: ArrayLike<unknown>): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!same(left[index], right[index])) return false;
  }
  return true;
}
