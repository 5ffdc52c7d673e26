import type { Point, Profile, ReadRegister, Table } from "@modwarden/profile";
import type { Target } from "./target.ts";

/** Registers and bits that a device has told, and the means to ask for those that a point's scale needs. */
export class Known {
  readonly #words = new Map<string, number>();

  get read(): ReadRegister {
    return (table, address) => this.#words.get(keyOf(table, address));
  }

  add(table: Table, address: number, words: ArrayLike<number | boolean>): void {
    for (let index = 0; index < words.length; index += 1) {
      this.#words.set(keyOf(table, address + index), Number(words[index]));
    }
  }

  /** Asks for the power of ten of a point, where that stands in a register and is not known yet. */
  async addScale(target: Target, profile: Profile, point: Point): Promise<void> {
    if (typeof point.scale === "number") return;
    const scale = profile.point(point.scale.point);
    if (scale === undefined || this.read(scale.table, scale.address) !== undefined) return;
    this.add(scale.table, scale.address, await readWords(target, scale));
  }
}

/** Registers as numbers, bits as 0 and 1. */
export async function readWords(
  { client, unit }: Target,
  place: { readonly table: Table; readonly address: number; readonly count: number },
): Promise<ArrayLike<number | boolean>> {
  const { table, address, count } = place;
  switch (table) {
    case "coil":
      return client.readCoils(address, count, { unit });
    case "discrete":
      return client.readDiscreteInputs(address, count, { unit });
    case "holding":
      return client.readHoldingRegisters(address, count, { unit });
    case "input":
      return client.readInputRegisters(address, count, { unit });
  }
}

function keyOf(table: Table, address: number): string {
  return `${table} ${address}`;
}
