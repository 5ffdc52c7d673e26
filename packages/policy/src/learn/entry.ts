import type { Range } from "../language/range.ts";
import type { EntryText, RangeText } from "../language/text.ts";
import type { Tally } from "./tally.ts";

/** An entry of a rule that is proposed, and what a person should know of it. */
export interface ProposedEntry {
  readonly entry: EntryText;
  readonly tally: Tally;
  /** What was widened, and why. */
  readonly notes: readonly string[];
}

export function rangeTexts(ranges: readonly Range[]): readonly RangeText[] {
  return ranges.map(rangeText);
}

export function rangeText({ start, end }: Range): RangeText {
  return start === end ? start : `${start}-${end}`;
}
