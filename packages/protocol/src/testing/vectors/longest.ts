import type { Vector } from "./vector.ts";

const ones = (count: number): number[] => new Array<number>(count).fill(1);

/** The longest requests that fit a PDU. */
export const longestRequests: readonly Vector[] = [
  // fc | address | quantity | bytes | coils
  {
    frame: `0f 0000 07b0 f6 ${"ff".repeat(246)}`,
    message: { function: 15, address: 0, quantity: 1968, coils: new Array<boolean>(1968).fill(true) },
  },
  // fc | address | quantity | bytes | registers
  {
    frame: `10 0000 007b f6 ${"0001 ".repeat(123)}`,
    message: { function: 16, address: 0, quantity: 123, values: ones(123) },
  },
  // fc | read address | read quantity | write address | write quantity | bytes | registers
  {
    frame: `17 0000 007d 0000 0079 f2 ${"0001 ".repeat(121)}`,
    message: {
      function: 23,
      readAddress: 0,
      readQuantity: 125,
      writeAddress: 0,
      writeQuantity: 121,
      values: ones(121),
    },
  },
];

/** The longest responses of register and bit reads. */
export const longestResponses: readonly Vector[] = [
  // fc | bytes | registers
  { frame: `17 fa ${"0001 ".repeat(125)}`, message: { function: 23, byteCount: 250, registers: ones(125) } },
  { frame: `03 fa ${"0001 ".repeat(125)}`, message: { function: 3, byteCount: 250, registers: ones(125) } },
  // fc | bytes | bits
  { frame: `01 fa ${"a5".repeat(250)}`, message: { function: 1, byteCount: 250, bytes: "a5".repeat(250) } },
];
