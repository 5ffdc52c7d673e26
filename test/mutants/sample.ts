/** Some of a list by chance, in its order; the same seed gives the same ones. */
export function sampleOf(list: readonly number[], count: number, seed: number): readonly number[] {
  const drawn = list.map((item, index) => ({ item, index, lot: scattered(seed, item) }));
  const first = drawn.sort((left, right) => left.lot - right.lot).slice(0, count);
  return first.sort((left, right) => left.index - right.index).map(({ item }) => item);
}

/** The finalising step of MurmurHash3: neighbours come out far apart. */
function scattered(seed: number, item: number): number {
  let bits = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(item + 1, 0x85ebca6b)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35) >>> 0;
  return (bits ^ (bits >>> 16)) >>> 0;
}
