/** Something that is about the elements from `start` to `end`, both included. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Cuts the elements where a stretch begins or ends: within a block the same stretches are about all of them. */
export function* blocksOf<Item extends Stretch>(
  items: readonly Item[],
): Generator<{ readonly start: number; readonly end: number; readonly items: ReadonlySet<Item> }> {
  const starts = items.toSorted((left, right) => left.start - right.start);
  const ends = items.toSorted((left, right) => left.end - right.end);
  const cuts = [...new Set([...starts.map(({ start }) => start), ...ends.map(({ end }) => end + 1)])];
  cuts.sort((left, right) => left - right);
  const active = new Set<Item>();
  let [nextStart, nextEnd] = [0, 0];
  for (const [index, start] of cuts.entries()) {
    for (; ends[nextEnd] !== undefined && ends[nextEnd]!.end < start; nextEnd += 1) active.delete(ends[nextEnd]!);
    for (; starts[nextStart] !== undefined && starts[nextStart]!.start <= start; nextStart += 1)
      active.add(starts[nextStart]!);
    const behind = cuts[index + 1];
    if (active.size > 0 && behind !== undefined) yield { start, end: behind - 1, items: active };
  }
}
