import type { ReadRegister, Table } from "../point.ts";

/** Registers for a test: unknown until they are written. */
export function memoryOf(): {
  readonly read: ReadRegister;
  readonly write: (table: Table, address: number, words: ArrayLike<number>) => void;
} {
  const known = new Map<string, number>();
  return {
    read: (table, address) => known.get(`${table} ${address}`),
    write(table, address, words) {
      for (let index = 0; index < words.length; index += 1) known.set(`${table} ${address + index}`, words[index]!);
    },
  };
}
