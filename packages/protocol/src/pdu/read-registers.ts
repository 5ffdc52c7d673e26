import { putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_READ_REGISTERS } from "../limits.ts";
import type {
  ReadHoldingRegistersRequest,
  ReadHoldingRegistersResponse,
  ReadInputRegistersRequest,
  ReadInputRegistersResponse,
  ReadWriteMultipleRegistersResponse,
} from "./messages.ts";
import { checkRange, checkUint16, expectLength, expectQuantity, refuse } from "./refuse.ts";

type RequestKind = "read-holding-registers" | "read-input-registers";
type ResponseKind = RequestKind | "read-write-multiple-registers";

function requestCodec<K extends RequestKind>(
  kind: K,
  functionCode: number,
  noun: string,
): Codec<{ readonly kind: K; readonly address: number; readonly quantity: number }> {
  return freeze({
    kind,
    functionCode,
    size: () => 5,
    encode(message, out, at) {
      checkUint16(message.address, "address");
      checkRange(message.quantity, 1, MAX_READ_REGISTERS, "quantity");
      out[at] = functionCode;
      putUint16(out, at + 1, message.address);
      return putUint16(out, at + 3, message.quantity);
    },
    decode(bytes, at, end) {
      expectLength("request", at, end, 5);
      const quantity = uint16(bytes, at + 3);
      expectQuantity("request", quantity, MAX_READ_REGISTERS, "quantity");
      return { kind, address: uint16(bytes, at + 1), quantity };
    },
    describe: (message) => `read ${message.quantity} ${noun} from ${message.address}`,
  });
}

function responseCodec<K extends ResponseKind>(
  kind: K,
  functionCode: number,
  noun: string,
): Codec<{ readonly kind: K; readonly registers: Uint16Array }> {
  return freeze({
    kind,
    functionCode,
    size: (message) => 2 + 2 * message.registers.length,
    encode(message, out, at) {
      const quantity = message.registers.length;
      checkRange(quantity, 1, MAX_READ_REGISTERS, "register count");
      out[at] = functionCode;
      out[at + 1] = 2 * quantity;
      return putRegisters(out, at + 2, message.registers);
    },
    decode(bytes, at, end) {
      if (end - at < 2) refuse("response", 3, "the byte count is missing");
      const count = bytes[at + 1]!;
      if (count % 2 !== 0) refuse("response", 3, `byte count ${count} is odd, a register has two bytes`);
      expectQuantity("response", count / 2, MAX_READ_REGISTERS, "register count");
      expectLength("response", at, end, 2 + count);
      return { kind, registers: registersFrom(bytes, at + 2, count / 2) };
    },
    describe: (message) => `${message.registers.length} ${noun}`,
  });
}

/** Read holding registers. MODBUS Application Protocol V1.1b3 § 6.3 */
export const readHoldingRegistersRequest: Codec<ReadHoldingRegistersRequest> = requestCodec(
  "read-holding-registers",
  3,
  "holding registers",
);
export const readHoldingRegistersResponse: Codec<ReadHoldingRegistersResponse> = responseCodec(
  "read-holding-registers",
  3,
  "holding registers",
);

/** Read input registers. § 6.4 */
export const readInputRegistersRequest: Codec<ReadInputRegistersRequest> = requestCodec(
  "read-input-registers",
  4,
  "input registers",
);
export const readInputRegistersResponse: Codec<ReadInputRegistersResponse> = responseCodec(
  "read-input-registers",
  4,
  "input registers",
);

/** The answer to a read and write has the shape of the answer to a read. § 6.17 */
export const readWriteMultipleRegistersResponse: Codec<ReadWriteMultipleRegistersResponse> = responseCodec(
  "read-write-multiple-registers",
  23,
  "holding registers after the write",
);
