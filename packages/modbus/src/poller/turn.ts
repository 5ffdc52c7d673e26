import { type BackOff, delayOf } from "./back-off.ts";
import type { Group, ReadBlock } from "./group.ts";

/** What decides whose turn it is, beside the blocks. */
export interface Turns {
  readonly backOff: BackOff;
  /** Reads that may be open at one time, and those that are. */
  readonly outstanding: number;
  readonly inFlight: number;
  /** Silent units that are being asked now. */
  readonly probes: number;
  /** When the last silent unit had been asked. */
  readonly probedAt: number;
}

/** Time for an answer where nobody says one: the client's own default. */
const assumedTimeoutMs = 1000;

/** The block to read now, or the time at which to look again. */
export function nextTurn(groups: Iterable<Group>, turns: Turns, now: number): ReadBlock | number {
  const rank = (block: ReadBlock): number => block.dueAt + patienceOf(block, turns.backOff);
  let live: ReadBlock | undefined;
  let liveDueAt = Number.POSITIVE_INFINITY;
  let probe: ReadBlock | undefined;
  for (const { state, heads } of groups) {
    for (const block of heads) {
      if (!state.silent) {
        if (block.dueAt > now) liveDueAt = Math.min(liveDueAt, block.dueAt);
        else if (live === undefined || rank(block) < rank(live)) live = block;
      } else if (!state.probing && (probe === undefined || isBefore(block, probe))) {
        probe = block;
      }
    }
  }
  if (probe === undefined || turns.probes > 0) return live ?? liveDueAt;
  const { state, key } = probe.group;
  if (state.retryAt > now) return live ?? Math.min(liveDueAt, state.retryAt);
  // A silent unit is asked while nobody else has a turn. Where there is never time for that it waits for twice its
  // back-off at most, and between two such questions everybody who is waiting is served.
  const latest = state.retryAt + delayOf(turns.backOff, state.failures);
  const forced = now >= latest && (live === undefined || rank(live) > turns.probedAt);
  const hasTime = turns.inFlight + 1 < turns.outstanding || liveDueAt - now >= (key.timeoutMs ?? assumedTimeoutMs);
  if (forced || (live === undefined && hasTime)) return probe;
  return live ?? Math.min(liveDueAt, latest);
}

/** Who waits for longest comes first; a search waits a period in favour of the others, a refused point longer still. */
function patienceOf(block: ReadBlock, backOff: BackOff): number {
  if (block.refused) return backOff.maxMs;
  return block.piece === undefined ? 0 : block.group.key.everyMs;
}

function isBefore(block: ReadBlock, other: ReadBlock): boolean {
  const difference = block.group.state.retryAt - other.group.state.retryAt;
  return difference === 0 ? block.dueAt < other.dueAt : difference < 0;
}
