import { putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_READ_REGISTERS, MAX_READ_WRITE_REGISTERS } from "../limits.ts";
import type { ReadWriteMultipleRegistersRequest } from "./messages.ts";
import { checkRange, checkUint16, expectLength, expectQuantity, refuse } from "./refuse.ts";

/** Write registers, then read registers. MODBUS Application Protocol V1.1b3 § 6.17. The response is in read-registers.ts. */
export const readWriteMultipleRegistersRequest: Codec<ReadWriteMultipleRegistersRequest> = freeze({
  kind: "read-write-multiple-registers",
  functionCode: 23,
  size: (message) => 10 + 2 * message.values.length,
  encode(message, out, at) {
    const quantity = message.values.length;
    checkUint16(message.readAddress, "read address");
    checkRange(message.readQuantity, 1, MAX_READ_REGISTERS, "read quantity");
    checkUint16(message.writeAddress, "write address");
    checkRange(quantity, 1, MAX_READ_WRITE_REGISTERS, "write quantity");
    out[at] = 23;
    putUint16(out, at + 1, message.readAddress);
    putUint16(out, at + 3, message.readQuantity);
    putUint16(out, at + 5, message.writeAddress);
    putUint16(out, at + 7, quantity);
    out[at + 9] = 2 * quantity;
    return putRegisters(out, at + 10, message.values);
  },
  decode(bytes, at, end) {
    if (end - at < 10) refuse("request", 3, `the PDU has ${end - at} bytes, its header alone needs 10`);
    const readQuantity = uint16(bytes, at + 3);
    expectQuantity("request", readQuantity, MAX_READ_REGISTERS, "read quantity");
    const quantity = uint16(bytes, at + 7);
    expectQuantity("request", quantity, MAX_READ_WRITE_REGISTERS, "write quantity");
    const count = bytes[at + 9]!;
    if (count !== 2 * quantity) refuse("request", 3, `byte count ${count} does not fit write quantity ${quantity}`);
    expectLength("request", at, end, 10 + count);
    return {
      kind: "read-write-multiple-registers",
      readAddress: uint16(bytes, at + 1),
      readQuantity,
      writeAddress: uint16(bytes, at + 5),
      values: registersFrom(bytes, at + 10, quantity),
    };
  },
  describe: (message) =>
    `write ${message.values.length} registers from ${message.writeAddress}, ` +
    `then read ${message.readQuantity} from ${message.readAddress}`,
});
