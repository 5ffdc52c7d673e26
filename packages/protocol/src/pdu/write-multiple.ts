import { bitBytes, bitsFrom, putBits, putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_WRITE_BITS, MAX_WRITE_REGISTERS } from "../limits.ts";
import type {
  WriteMultipleCoilsRequest,
  WriteMultipleCoilsResponse,
  WriteMultipleRegistersRequest,
  WriteMultipleRegistersResponse,
} from "./messages.ts";
import { checkBoolean, checkRange, checkUint16, expectLength, expectQuantity, refuse } from "./refuse.ts";

/** The quantity and the byte count say the same twice; both must agree with each other and with the bytes present. */
function expectBody(
  bytes: Uint8Array,
  at: number,
  end: number,
  most: number,
  bytesFor: (quantity: number) => number,
): number {
  if (end - at < 6) refuse("request", 3, `the PDU has ${end - at} bytes, its header alone needs 6`);
  const quantity = uint16(bytes, at + 3);
  expectQuantity("request", quantity, most, "quantity");
  const count = bytes[at + 5]!;
  const expected = bytesFor(quantity);
  if (count !== expected) refuse("request", 3, `byte count ${count} does not fit quantity ${quantity}`);
  expectLength("request", at, end, 6 + count);
  return quantity;
}

const registerBytes = (quantity: number): number => 2 * quantity;

/** Write coils. Padding bits of the last byte may be set in a request: § 6.11 only says that they should be zero. */
export const writeMultipleCoilsRequest: Codec<WriteMultipleCoilsRequest> = freeze({
  kind: "write-multiple-coils",
  functionCode: 15,
  size: (message) => 6 + bitBytes(message.coils.length),
  encode(message, out, at) {
    const quantity = message.coils.length;
    checkUint16(message.address, "address");
    checkRange(quantity, 1, MAX_WRITE_BITS, "quantity");
    for (const coil of message.coils) checkBoolean(coil, "value");
    out[at] = 15;
    putUint16(out, at + 1, message.address);
    putUint16(out, at + 3, quantity);
    out[at + 5] = bitBytes(quantity);
    return putBits(out, at + 6, message.coils);
  },
  decode(bytes, at, end) {
    const quantity = expectBody(bytes, at, end, MAX_WRITE_BITS, bitBytes);
    return { kind: "write-multiple-coils", address: uint16(bytes, at + 1), coils: bitsFrom(bytes, at + 6, quantity) };
  },
  describe: (message) => `write ${message.coils.length} coils from ${message.address}`,
});

/** Write holding registers. § 6.12 */
export const writeMultipleRegistersRequest: Codec<WriteMultipleRegistersRequest> = freeze({
  kind: "write-multiple-registers",
  functionCode: 16,
  size: (message) => 6 + 2 * message.values.length,
  encode(message, out, at) {
    const quantity = message.values.length;
    checkUint16(message.address, "address");
    checkRange(quantity, 1, MAX_WRITE_REGISTERS, "quantity");
    out[at] = 16;
    putUint16(out, at + 1, message.address);
    putUint16(out, at + 3, quantity);
    out[at + 5] = 2 * quantity;
    return putRegisters(out, at + 6, message.values);
  },
  decode(bytes, at, end) {
    const quantity = expectBody(bytes, at, end, MAX_WRITE_REGISTERS, registerBytes);
    return {
      kind: "write-multiple-registers",
      address: uint16(bytes, at + 1),
      values: registersFrom(bytes, at + 6, quantity),
    };
  },
  describe: (message) => `write ${message.values.length} registers from ${message.address}`,
});

/** The answer names where was written and how much. */
function responseCodec<K extends "write-multiple-coils" | "write-multiple-registers">(
  kind: K,
  functionCode: number,
  most: number,
  noun: string,
): Codec<{ readonly kind: K; readonly address: number; readonly quantity: number }> {
  return freeze({
    kind,
    functionCode,
    size: () => 5,
    encode(message, out, at) {
      checkUint16(message.address, "address");
      checkRange(message.quantity, 1, most, "quantity");
      out[at] = functionCode;
      putUint16(out, at + 1, message.address);
      return putUint16(out, at + 3, message.quantity);
    },
    decode(bytes, at, end) {
      expectLength("response", at, end, 5);
      const quantity = uint16(bytes, at + 3);
      expectQuantity("response", quantity, most, "quantity");
      return { kind, address: uint16(bytes, at + 1), quantity };
    },
    describe: (message) => `${message.quantity} ${noun} written from ${message.address}`,
  });
}

export const writeMultipleCoilsResponse: Codec<WriteMultipleCoilsResponse> = responseCodec(
  "write-multiple-coils",
  15,
  MAX_WRITE_BITS,
  "coils",
);
export const writeMultipleRegistersResponse: Codec<WriteMultipleRegistersResponse> = responseCodec(
  "write-multiple-registers",
  16,
  MAX_WRITE_REGISTERS,
  "registers",
);
