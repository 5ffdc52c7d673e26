import { ADDRESS_SPACE, ModbusError } from "@modwarden/protocol";

/** Neighbouring addresses of one table: `address` to `address + count - 1`. */
export interface Stretch {
  readonly address: number;
  readonly count: number;
}

/** What one read asks for, and the spans that it answers. */
export interface Block<Span extends Stretch> extends Stretch {
  /** In the order of their addresses. */
  readonly spans: readonly Span[];
}

export interface PlanRules<Span extends Stretch> {
  /** Addresses that nobody asked for and that may still be read between two spans; 0: none. */
  readonly maxGap: number;
  /** Addresses of one read. */
  readonly maxLength: number;
  /** Addresses that no read may touch. */
  readonly forbidden?: readonly Stretch[];
  /** Whether two neighbours in the order of addresses must not be read together. */
  readonly apart?: (left: Span, right: Span) => boolean;
}

/**
 * Merges spans of one table into reads: each span lies wholly in exactly one block. Blocks are filled from the lowest
 * address on; among all ways that keep spans in the order of their addresses this takes the fewest blocks.
 * Throws ERR_MODBUS_BAD_VALUE for a span that is longer than a block, outside the table, or touches what is forbidden.
 */
export function planBlocks<Span extends Stretch>(spans: readonly Span[], rules: PlanRules<Span>): Block<Span>[] {
  const forbidden = merged(rules.forbidden ?? []);
  const sorted = spans.toSorted((left, right) => left.address - right.address || left.count - right.count);
  const blocks: Block<Span>[] = [];
  let members: Span[] = [];
  let start = 0;
  let end = 0;
  const finish = (): void => {
    if (members.length > 0) blocks.push({ address: start, count: end - start, spans: members });
  };
  for (const span of sorted) {
    checkSpan(span, rules.maxLength, forbidden);
    const last = members.at(-1);
    const newEnd = Math.max(end, span.address + span.count);
    const joins =
      last !== undefined &&
      newEnd - start <= rules.maxLength &&
      span.address - end <= rules.maxGap &&
      !touches(forbidden, end, span.address) &&
      !(rules.apart?.(last, span) ?? false);
    if (joins) {
      members.push(span);
      end = newEnd;
    } else {
      finish();
      members = [span];
      start = span.address;
      end = span.address + span.count;
    }
  }
  finish();
  return blocks;
}

function checkSpan(span: Stretch, maxLength: number, forbidden: readonly Stretch[]): void {
  const { address, count } = span;
  const refuse = (reason: string): never => {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${count} addresses from ${address} on cannot be polled: ${reason}`);
  };
  if (!Number.isInteger(address) || address < 0) refuse("addresses are whole numbers from 0 on");
  if (!Number.isInteger(count) || count < 1) refuse("at least one is needed");
  if (address + count > ADDRESS_SPACE) refuse(`a table ends at ${ADDRESS_SPACE - 1}`);
  if (count > maxLength) refuse(`one read takes ${maxLength} at most`);
  if (touches(forbidden, address, address + count)) refuse("some of them are forbidden");
}

/** Sorted, without overlaps. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const out: { address: number; count: number }[] = [];
  for (const { address, count } of stretches.toSorted((left, right) => left.address - right.address)) {
    const last = out.at(-1);
    if (last !== undefined && address <= last.address + last.count) {
      last.count = Math.max(last.count, address + count - last.address);
    } else if (count > 0) {
      out.push({ address, count });
    }
  }
  return out;
}

/** Whether one of the sorted stretches shares an address with `from` to `to`, which is exclusive. */
function touches(stretches: readonly Stretch[], from: number, to: number): boolean {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { address, count } = stretches[middle]!;
    if (address + count <= from) low = middle + 1;
    else high = middle;
  }
  const found = stretches[low];
  return found !== undefined && from < to && found.address < to;
}
