import { BadPduError, BadResponseError } from "../errors.ts";

/** A PDU is read either as a request or as a response; the same fault has another name in each. */
export type Direction = "request" | "response";

/** Throws what `decode` throws in this direction. `exception` is what a server answers to the request. */
export function refuse(direction: Direction, exception: 1 | 2 | 3, message: string): never {
  if (direction === "request") throw new BadPduError(exception, message);
  throw new BadResponseError(message);
}

/** A PDU of fixed length has no byte more and none less. */
export function expectLength(direction: Direction, at: number, end: number, length: number): void {
  if (end - at !== length) refuse(direction, 3, `the PDU has ${end - at} bytes, its function code asks for ${length}`);
}

/** A quantity, length or count between 1 and what the specification allows. */
export function expectQuantity(direction: Direction, quantity: number, most: number, what: string): void {
  if (quantity < 1 || quantity > most) refuse(direction, 3, `${what} ${quantity} is outside 1 to ${most}`);
}

/** Guards `encode`: a message outside the limits never becomes bytes. */
export function checkRange(value: number, least: number, most: number, what: string): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new BadPduError(3, `${what} ${value} is not a whole number from ${least} to ${most}`);
  }
}

/** A program without types may give 1, or "false", which is as good as true: neither becomes a coil that is on. */
export function checkBoolean(value: boolean, what: string): void {
  if (typeof value !== "boolean") throw new BadPduError(3, `${what} has to be true or false, not ${String(value)}`);
}

export function checkUint16(value: number, what: string): void {
  checkRange(value, 0, 0xffff, what);
}
