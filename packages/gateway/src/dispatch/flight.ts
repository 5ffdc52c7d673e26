import type { Access, Table } from "@modwarden/access";
import type { Slot } from "../slot.ts";
import { mayChangeAnything } from "../values.ts";
import { join, settleOne, type Wait } from "./wait.ts";

/** The requests that one device has been sent and has not answered, a handful at most. */
export class Flight {
  readonly #slots: Slot[] = [];
  #waiting: Wait[] = [];

  add(slot: Slot): void {
    this.#slots.push(slot);
  }

  /** The request is over. Those still on their way that touch what it wrote cannot know any more which came first. */
  end(slot: Slot): void {
    const at = this.#slots.indexOf(slot);
    if (at < 0) return;
    this.#slots.splice(at, 1);
    if (!slot.isWrite || this.#slots.length === 0) return;
    for (const other of this.#slots) {
      if (other.accesses.some(({ table, address, quantity }) => writes(slot.accesses, table, address, quantity))) {
        other.crossed = true;
      }
    }
  }

  /** Something else was done meanwhile: what those still on their way say may be of before it. */
  crossAll(): void {
    for (const slot of this.#slots) slot.crossed = true;
  }

  /** Whether a write is on its way that touches one of these registers: what they hold is not known until it ends. */
  writes(table: Table, address: number, quantity: number): boolean {
    for (const slot of this.#slots) {
      if (slot.isWrite && writes(slot.accesses, table, address, quantity)) return true;
    }
    return false;
  }

  /** Until the next write has ended, and what came of it is known. */
  awaitWrite(wait: Wait): void {
    join(this.#waiting, wait);
  }

  /** A write has ended, and what came of it stands in the last values. */
  release(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wait of waiting) settleOne(wait, true);
  }
}

function writes(accesses: readonly Access[], table: Table | null, address: number, quantity: number): boolean {
  for (const access of accesses) {
    if (!access.write) continue;
    if (mayChangeAnything(access)) return true;
    if (access.table !== table || table === null) continue;
    if (access.address < address + quantity && address < access.address + access.quantity) return true;
  }
  return false;
}
