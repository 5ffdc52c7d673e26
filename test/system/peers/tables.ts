/** The same content in every server of these tests, so that every answer is known beforehand. */
import { createMemoryHandler, type MemoryHandler } from "@modwarden/modbus";

/** Elements of each table. */
export const SIZE = 2200;

export const coil = (address: number): number => Number(address % 3 === 0);
export const discrete = (address: number): number => Number(address % 5 < 2);
export const holding = (address: number): number => (address * 257 + 3) & 0xffff;
export const input = (address: number): number => (60_000 + address * 7) & 0xffff;

/** Our device with that content. */
export function createTables(): MemoryHandler {
  return createMemoryHandler({
    coils: Uint8Array.from({ length: SIZE }, (_, address) => coil(address)),
    discreteInputs: Uint8Array.from({ length: SIZE }, (_, address) => discrete(address)),
    holdingRegisters: Uint16Array.from({ length: SIZE }, (_, address) => holding(address)),
    inputRegisters: Uint16Array.from({ length: SIZE }, (_, address) => input(address)),
    identification: new Map([
      [0, "modwarden"],
      [1, "peers"],
      [2, "1.0"],
      [3, "https://example.com"],
    ]),
  });
}

/** `count` values of a table from an address. */
export function range(value: (address: number) => number, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => value(address + index));
}
