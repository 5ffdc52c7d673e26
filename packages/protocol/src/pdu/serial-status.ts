import { putBytes, putUint16, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { BadPduError } from "../errors.ts";
import { MAX_EVENTS } from "../limits.ts";
import { emptyRequest } from "./empty-request.ts";
import type {
  GetCommEventCounterRequest,
  GetCommEventCounterResponse,
  GetCommEventLogRequest,
  GetCommEventLogResponse,
  ReadExceptionStatusRequest,
  ReadExceptionStatusResponse,
} from "./messages.ts";
import { checkRange, checkUint16, expectLength, refuse } from "./refuse.ts";

/** The status word is all ones while an earlier command is being worked on, else all zeros. § 6.9 */
const BUSY = 0xffff;
const READY = 0;
/** Status, event count and message count stand before the events. § 6.10 */
const LOG_HEADER = 6;

function checkStatus(status: number): void {
  if (status !== BUSY && status !== READY) throw new BadPduError(3, `status ${status} is neither 0 nor 0xffff`);
}

function statusFrom(bytes: Uint8Array, at: number): number {
  const status = uint16(bytes, at);
  if (status !== BUSY && status !== READY) refuse("response", 3, `status ${status} is neither 0 nor 0xffff`);
  return status;
}

/** Read exception status, serial line only. MODBUS Application Protocol V1.1b3 § 6.7 */
export const readExceptionStatusRequest: Codec<ReadExceptionStatusRequest> = emptyRequest("read-exception-status", 7);
export const readExceptionStatusResponse: Codec<ReadExceptionStatusResponse> = freeze({
  kind: "read-exception-status",
  functionCode: 7,
  size: () => 2,
  encode(message, out, at) {
    checkRange(message.status, 0, 0xff, "status");
    out[at] = 7;
    out[at + 1] = message.status;
    return at + 2;
  },
  decode(bytes, at, end) {
    expectLength("response", at, end, 2);
    return { kind: "read-exception-status", status: bytes[at + 1]! };
  },
  describe: (message) => `exception status 0b${message.status.toString(2).padStart(8, "0")}`,
});

/** Get comm event counter, serial line only. § 6.9 */
export const getCommEventCounterRequest: Codec<GetCommEventCounterRequest> = emptyRequest("get-comm-event-counter", 11);
export const getCommEventCounterResponse: Codec<GetCommEventCounterResponse> = freeze({
  kind: "get-comm-event-counter",
  functionCode: 11,
  size: () => 5,
  encode(message, out, at) {
    checkStatus(message.status);
    checkUint16(message.eventCount, "event count");
    out[at] = 11;
    putUint16(out, at + 1, message.status);
    return putUint16(out, at + 3, message.eventCount);
  },
  decode(bytes, at, end) {
    expectLength("response", at, end, 5);
    return { kind: "get-comm-event-counter", status: statusFrom(bytes, at + 1), eventCount: uint16(bytes, at + 3) };
  },
  describe: (message) => `${message.eventCount} events counted`,
});

/** Get comm event log, serial line only. § 6.10 */
export const getCommEventLogRequest: Codec<GetCommEventLogRequest> = emptyRequest("get-comm-event-log", 12);
export const getCommEventLogResponse: Codec<GetCommEventLogResponse> = freeze({
  kind: "get-comm-event-log",
  functionCode: 12,
  size: (message) => 2 + LOG_HEADER + message.events.length,
  encode(message, out, at) {
    checkStatus(message.status);
    checkUint16(message.eventCount, "event count");
    checkUint16(message.messageCount, "message count");
    checkRange(message.events.length, 0, MAX_EVENTS, "number of events");
    out[at] = 12;
    out[at + 1] = LOG_HEADER + message.events.length;
    putUint16(out, at + 2, message.status);
    putUint16(out, at + 4, message.eventCount);
    putUint16(out, at + 6, message.messageCount);
    return putBytes(out, at + 8, message.events);
  },
  decode(bytes, at, end) {
    if (end - at < 2) refuse("response", 3, "the byte count is missing");
    const count = bytes[at + 1]!;
    if (count < LOG_HEADER || count > LOG_HEADER + MAX_EVENTS) {
      refuse("response", 3, `byte count ${count} is outside ${LOG_HEADER} to ${LOG_HEADER + MAX_EVENTS}`);
    }
    expectLength("response", at, end, 2 + count);
    return {
      kind: "get-comm-event-log",
      status: statusFrom(bytes, at + 2),
      eventCount: uint16(bytes, at + 4),
      messageCount: uint16(bytes, at + 6),
      events: bytes.slice(at + 8, end),
    };
  },
  describe: (message) => `${message.events.length} events of ${message.messageCount} messages`,
});
