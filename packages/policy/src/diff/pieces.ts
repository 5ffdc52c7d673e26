import { type Box, contains, type Dimensions, intersect, joined, subtractAll, TooManyBoxes } from "./box.ts";

/** A rule about some elements, and where it counts. */
export interface Standing {
  readonly rule: string;
  /** What it asks for, as the file says it: "max 80". */
  readonly says: string;
  readonly boxes: readonly Box[];
}

export interface Named {
  readonly rule: string;
  readonly says: string;
}

/** What one policy says of some elements. */
export interface Stand {
  readonly permits: readonly Standing[];
  readonly forbids: readonly Standing[];
}

/** Circumstances in which one policy permits and the other does not. */
export interface Piece {
  readonly box: Box;
  /** The rule that permits. */
  readonly by: Named;
  /** The rule of the other policy that forbids; undefined: it has no permit for it. */
  readonly forbiddenBy?: string;
  /** The rules of the other policy that permit the same in other circumstances. */
  readonly nearest: readonly Named[];
  /** There is a difference somewhere in it; where exactly would take too long to tell. */
  readonly vague?: true;
}

/** Where `one` permits and `other` does not, as far as it may be so `here`. */
export function onlyIn(one: Stand, other: Stand, here: Box, dimensions: Dimensions): readonly Piece[] {
  const nearest = other.permits.map(({ rule, says }) => ({ rule, says }));
  try {
    return exactly(one, other, here, dimensions, nearest);
  } catch (error) {
    if (!(error instanceof TooManyBoxes)) throw error;
    // Unsure means that it differs: nothing that may be permitted is passed over in silence.
    return one.permits.map(({ rule, says }) => ({ box: here, by: { rule, says }, nearest, vague: true }));
  }
}

function exactly(
  one: Stand,
  other: Stand,
  here: Box,
  dimensions: Dimensions,
  nearest: readonly Named[],
): readonly Piece[] {
  const pieces: Piece[] = [];
  const forbidden = one.forbids.flatMap(({ boxes }) => boxes);
  const permitted = other.permits.flatMap(({ boxes }) => boxes);
  const earlier: Box[] = [];
  for (const { rule, says, boxes } of one.permits) {
    const by = { rule, says };
    const inForce = boxes.flatMap((box) => intersect(box, here) ?? []);
    const mine = subtractAll(subtractAll(inForce, earlier, dimensions), forbidden, dimensions);
    earlier.push(...boxes);
    const lacking = subtractAll(mine, permitted, dimensions);
    for (const box of joined(lacking, dimensions)) pieces.push({ box, by, nearest });
    for (const forbid of other.forbids) {
      const hit = mine.flatMap((box) => forbid.boxes.flatMap((where) => intersect(box, where) ?? []));
      const untold = hit.filter((box) => !lacking.some((told) => contains(told, box)));
      for (const box of joined(untold, dimensions)) pieces.push({ box, by, nearest, forbiddenBy: forbid.rule });
    }
  }
  return pieces;
}
