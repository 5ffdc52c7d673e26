import { putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_FIFO_REGISTERS } from "../limits.ts";
import type { ReadFifoQueueRequest, ReadFifoQueueResponse } from "./messages.ts";
import { checkRange, checkUint16, expectLength, refuse } from "./refuse.ts";

/** Read the queue behind a pointer register. MODBUS Application Protocol V1.1b3 § 6.18 */
export const readFifoQueueRequest: Codec<ReadFifoQueueRequest> = freeze({
  kind: "read-fifo-queue",
  functionCode: 24,
  size: () => 3,
  encode(message, out, at) {
    checkUint16(message.address, "address");
    out[at] = 24;
    return putUint16(out, at + 1, message.address);
  },
  decode(bytes, at, end) {
    expectLength("request", at, end, 3);
    return { kind: "read-fifo-queue", address: uint16(bytes, at + 1) };
  },
  describe: (message) => `read the queue at ${message.address}`,
});

/** The byte count has two bytes here and counts the register count too. A longer queue is answered with 03. */
export const readFifoQueueResponse: Codec<ReadFifoQueueResponse> = freeze({
  kind: "read-fifo-queue",
  functionCode: 24,
  size: (message) => 5 + 2 * message.values.length,
  encode(message, out, at) {
    const count = message.values.length;
    checkRange(count, 0, MAX_FIFO_REGISTERS, "register count");
    out[at] = 24;
    putUint16(out, at + 1, 2 + 2 * count);
    putUint16(out, at + 3, count);
    return putRegisters(out, at + 5, message.values);
  },
  decode(bytes, at, end) {
    if (end - at < 5) refuse("response", 3, `the PDU has ${end - at} bytes, its header alone needs 5`);
    const count = uint16(bytes, at + 3);
    if (count > MAX_FIFO_REGISTERS) refuse("response", 3, `register count ${count} is above ${MAX_FIFO_REGISTERS}`);
    if (uint16(bytes, at + 1) !== 2 + 2 * count) refuse("response", 3, "byte count and register count disagree");
    expectLength("response", at, end, 5 + 2 * count);
    return { kind: "read-fifo-queue", values: registersFrom(bytes, at + 5, count) };
  },
  describe: (message) => `${message.values.length} registers in the queue`,
});
