import { putBytes } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_PDU, MEI_CANOPEN } from "../limits.ts";
import type { CanopenGeneralReference } from "./messages.ts";
import { checkRange } from "./refuse.ts";

/**
 * CANopen general reference: bytes of another protocol, passed through in both directions.
 * MODBUS Application Protocol V1.1b3 § 6.20
 */
export const canopenGeneralReference: Codec<CanopenGeneralReference> = freeze({
  kind: "canopen-general-reference",
  functionCode: 43,
  size: (message) => 2 + message.data.length,
  encode(message, out, at) {
    checkRange(message.data.length, 0, MAX_PDU - 2, "data length");
    out[at] = 43;
    out[at + 1] = MEI_CANOPEN;
    return putBytes(out, at + 2, message.data);
  },
  decode: (bytes, at, end) => ({ kind: "canopen-general-reference", data: bytes.slice(at + 2, end) }),
  describe: (message) => `CANopen reference with ${message.data.length} bytes`,
});
