/** Medians and their spread. Absolute figures of a shared machine wander; ratios within a round hardly do. */

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Undefined for no values at all. */
export function summarise(values: readonly number[]): Summary | undefined {
  const sorted = [...values].sort((left, right) => left - right);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** The ratio of two measurements of the same round, summarised over the rounds in which both succeeded. */
export function ratio(
  over: readonly (number | undefined)[],
  under: readonly (number | undefined)[],
): Summary | undefined {
  const ratios: number[] = [];
  for (const [round, value] of over.entries()) {
    const base = under[round];
    if (value !== undefined && base !== undefined && base > 0) ratios.push(value / base);
  }
  return summarise(ratios);
}
