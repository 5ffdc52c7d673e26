import type { Table } from "@modwarden/access";
import { isBitTable, type Profile } from "@modwarden/profile";
import { MAX_READ_BITS, MAX_READ_REGISTERS } from "@modwarden/protocol";

/** Registers, or bits, in one piece. */
export interface Range {
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
}

/**
 * The fewest reads for `wanted`, as the device's file wants them: no more at once than it takes, across no more than
 * the gap it tolerates, and nothing that it does not answer. What cannot be read is left out.
 */
export function planReads(wanted: readonly Range[], profile: Profile | undefined): readonly Range[] {
  const { maxRead, maxGap = 0 } = profile?.link ?? {};
  const readable = (table: Table, address: number, quantity: number): boolean =>
    address + quantity <= 65_536 && (profile?.readable(table, address, quantity) ?? true);
  const planned: Range[] = [];
  const sorted = wanted
    .filter(({ table, address, quantity }) => quantity > 0 && readable(table, address, quantity))
    .sort((one, other) => one.table.localeCompare(other.table) || one.address - other.address);
  for (const next of sorted) {
    const { table } = next;
    const most = Math.min(maxRead ?? Number.POSITIVE_INFINITY, isBitTable(table) ? MAX_READ_BITS : MAX_READ_REGISTERS);
    const last = planned.at(-1);
    const end = next.address + next.quantity;
    if (last !== undefined && last.table === table) {
      const near = next.address <= last.address + last.quantity + maxGap;
      const quantity = Math.max(last.address + last.quantity, end) - last.address;
      if (near && quantity <= most && readable(table, last.address, quantity)) {
        planned[planned.length - 1] = { table, address: last.address, quantity };
        continue;
      }
    }
    for (let address = next.address; address < end; address += most) {
      planned.push({ table, address, quantity: Math.min(most, end - address) });
    }
  }
  return planned;
}
