import { bitBytes, putBytes, putUint16, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_READ_BITS } from "../limits.ts";
import type {
  ReadCoilsRequest,
  ReadCoilsResponse,
  ReadDiscreteInputsRequest,
  ReadDiscreteInputsResponse,
} from "./messages.ts";
import { checkRange, checkUint16, expectLength, expectQuantity, refuse } from "./refuse.ts";

type Kind = "read-coils" | "read-discrete-inputs";

function requestCodec<K extends Kind>(
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
      checkRange(message.quantity, 1, MAX_READ_BITS, "quantity");
      out[at] = functionCode;
      putUint16(out, at + 1, message.address);
      return putUint16(out, at + 3, message.quantity);
    },
    decode(bytes, at, end) {
      expectLength("request", at, end, 5);
      const quantity = uint16(bytes, at + 3);
      expectQuantity("request", quantity, MAX_READ_BITS, "quantity");
      return { kind, address: uint16(bytes, at + 1), quantity };
    },
    describe: (message) => `read ${message.quantity} ${noun} from ${message.address}`,
  });
}

/**
 * How many bits were asked for is not in the response: `checkResponse` compares the byte count with the request.
 * Padding bits should be zero; devices that set them are read all the same.
 */
function responseCodec<K extends Kind>(
  kind: K,
  functionCode: number,
  noun: string,
): Codec<{ readonly kind: K; readonly bytes: Uint8Array }> {
  return freeze({
    kind,
    functionCode,
    size: (message) => 2 + message.bytes.length,
    encode(message, out, at) {
      checkRange(message.bytes.length, 1, bitBytes(MAX_READ_BITS), "byte count");
      out[at] = functionCode;
      out[at + 1] = message.bytes.length;
      return putBytes(out, at + 2, message.bytes);
    },
    decode(bytes, at, end) {
      if (end - at < 2) refuse("response", 3, "the byte count is missing");
      const count = bytes[at + 1]!;
      expectQuantity("response", count, bitBytes(MAX_READ_BITS), "byte count");
      expectLength("response", at, end, 2 + count);
      return { kind, bytes: bytes.slice(at + 2, end) };
    },
    describe: (message) => `${message.bytes.length} bytes of ${noun}`,
  });
}

/** Read coils. MODBUS Application Protocol V1.1b3 § 6.1 */
export const readCoilsRequest: Codec<ReadCoilsRequest> = requestCodec("read-coils", 1, "coils");
export const readCoilsResponse: Codec<ReadCoilsResponse> = responseCodec("read-coils", 1, "coils");

/** Read discrete inputs. § 6.2 */
export const readDiscreteInputsRequest: Codec<ReadDiscreteInputsRequest> = requestCodec(
  "read-discrete-inputs",
  2,
  "discrete inputs",
);
export const readDiscreteInputsResponse: Codec<ReadDiscreteInputsResponse> = responseCodec(
  "read-discrete-inputs",
  2,
  "discrete inputs",
);
