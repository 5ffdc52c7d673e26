import { ModbusError } from "@modwarden/protocol";

/** What a device says of itself (function 17). MODBUS Application Protocol V1.1b3 § 6.13 */
export interface ServerId {
  readonly id: Uint8Array;
  /** The run indicator; undefined when it is neither 00 nor FF, or missing, as with devices of another layout. */
  readonly running: boolean | undefined;
  /** What follows the run indicator. */
  readonly additional: Uint8Array;
  /** Everything behind the byte count, as it came. */
  readonly data: Uint8Array;
}

/** Throws `ERR_MODBUS_BAD_VALUE` for a length that no id can have. */
export function checkIdLength(idLength: number): void {
  if (Number.isInteger(idLength) && idLength >= 0 && idLength <= 0xff) return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `idLength has to be 0 to 255, not ${idLength}`);
}

/** Splits the answer behind an id of `idLength` bytes. */
export function readServerId(data: Uint8Array, idLength: number): ServerId {
  const indicator = data[idLength];
  return {
    id: data.subarray(0, idLength),
    running: indicator === 0xff ? true : indicator === 0 ? false : undefined,
    additional: data.subarray(idLength + 1),
    data,
  };
}
