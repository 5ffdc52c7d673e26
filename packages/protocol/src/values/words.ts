import { ModbusError } from "../errors.ts";
import { type WordOrder, wordOrders } from "./types.ts";

/** The bytes of one value, highest first. Shared by all calls: none of them is interrupted between loading and reading. */
export const scratch: DataView = new DataView(new ArrayBuffer(8));

function swapped(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}

/** Whether the bytes inside each word are turned round. */
export function swapsBytes(order: WordOrder): boolean {
  switch (order) {
    case "ABCD":
    case "CDAB":
      return false;
    case "BADC":
    case "DCBA":
      return true;
    default:
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `order has to be one of ${wordOrders.join(", ")}, not ${order}`);
  }
}

function reversesWords(order: WordOrder): boolean {
  return order === "CDAB" || order === "DCBA";
}

/** One register as it would be in order ABCD, and the other way about. */
export function ordered(word: number, swap: boolean): number {
  return swap ? swapped(word) : word;
}

/** Brings `count` registers into `scratch`, highest byte first. */
export function load(order: WordOrder, registers: Uint16Array, at: number, count: number): void {
  const swap = swapsBytes(order);
  const reverse = reversesWords(order);
  for (let index = 0; index < count; index++) {
    const word = registers[at + (reverse ? count - 1 - index : index)]!;
    scratch.setUint16(2 * index, ordered(word, swap));
  }
}

/** Brings the first `2 * count` bytes of `scratch` into registers. */
export function store(order: WordOrder, out: Uint16Array, at: number, count: number): void {
  const swap = swapsBytes(order);
  const reverse = reversesWords(order);
  for (let index = 0; index < count; index++) {
    out[at + (reverse ? count - 1 - index : index)] = ordered(scratch.getUint16(2 * index), swap);
  }
}

/** Whether the registers `at` to `at + count` all lie inside an array of `length`. */
export function holds(length: number, at: number, count: number): boolean {
  return Number.isInteger(at) && at >= 0 && at + count <= length;
}
