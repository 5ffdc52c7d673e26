import type { NumberLine } from "./line.ts";

/** `80 < value <= 100`, `value = 3`, several joined by "or". */
export function spanWords(
  line: NumberLine,
  set: bigint,
  noun: string,
  show: (cut: number | bigint) => string = String,
): string {
  const told = line.spans(set).map(({ from, fromOpen, to, toOpen }) => {
    if (from !== undefined && from === to) return `${noun} = ${show(from)}`;
    const below = from === undefined ? "" : `${show(from)} ${fromOpen ? "<" : "<="} `;
    const above = to === undefined ? "" : ` ${toOpen ? "<" : "<="} ${show(to)}`;
    if (below === "" && above === "") return `any ${noun}`;
    return above === "" && from !== undefined
      ? `${noun} ${fromOpen ? ">" : ">="} ${show(from)}`
      : `${below}${noun}${above}`;
  });
  const none = (set & line.none) === 0n ? [] : [`${noun} not known`];
  return [...told, ...none].join(" or ");
}
