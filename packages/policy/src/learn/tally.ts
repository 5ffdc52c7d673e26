/** How often something was seen, and from when to when (milliseconds since 1970). */
export interface Tally {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export function together(left: Tally | undefined, right: Tally): Tally {
  if (left === undefined) return right;
  return { ...spanned(left, right), count: left.count + right.count };
}

/** Of several registers of one request: it is one request. */
export function atOnce(left: Tally | undefined, right: Tally): Tally {
  if (left === undefined) return right;
  return { ...spanned(left, right), count: Math.max(left.count, right.count) };
}

function spanned(left: Tally, right: Tally): Omit<Tally, "count"> {
  return { firstMs: Math.min(left.firstMs, right.firstMs), lastMs: Math.max(left.lastMs, right.lastMs) };
}
