/** `; did you mean "tls"?` where one of the known words is meant by all appearance, else nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

/** The lists of a file are bounded, but a hint is worth only so much work. */
const MOST_KNOWN = 10_000;
const LONGEST = 128;

/** The one of the known words that is meant by all appearance. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: { readonly word: string; readonly distance: number } | undefined;
  let looked = 0;
  for (const candidate of known) {
    looked += 1;
    if (looked > MOST_KNOWN) break;
    if (candidate === word) continue;
    const distance = plain(candidate) === plain(word) ? 0 : editDistance(plain(word), plain(candidate));
    if (best === undefined || distance < best.distance) best = { word: candidate, distance };
  }
  // One slip in a short word, two in a longer one: beyond that it is another word.
  const most = word.length < 3 ? 0 : word.length < 6 ? 1 : 2;
  return best !== undefined && best.distance <= most ? best.word : undefined;
}

/** `max_step`, `MaxStep` and `maxStep` are meant alike. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[_ -]/g, "");
}

/** Letters to insert, remove or replace, neighbours that changed places counting once (optimal string alignment). */
function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let least = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[right.length]!;
}
