import { putBytes } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_PDU } from "../limits.ts";
import type { UserDefined } from "./messages.ts";
import { checkRange } from "./refuse.ts";

/**
 * A function code whose meaning is the vendor's: everything behind the code is passed through.
 * MODBUS Application Protocol V1.1b3 § 5.1
 */
export function userDefinedCodec(functionCode: number): Codec<UserDefined> {
  return freeze({
    kind: "user-defined",
    functionCode,
    size: (message) => 1 + message.data.length,
    encode(message, out, at) {
      checkRange(message.data.length, 0, MAX_PDU - 1, "data length");
      out[at] = functionCode;
      return putBytes(out, at + 1, message.data);
    },
    decode: (bytes, at, end) => ({ kind: "user-defined", functionCode, data: bytes.slice(at + 1, end) }),
    describe: (message) => `user-defined function ${functionCode} with ${message.data.length} bytes`,
  });
}
