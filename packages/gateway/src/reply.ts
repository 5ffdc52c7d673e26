import type { Finding } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import {
  BadResponseError,
  checkResponse,
  decodeResponse,
  MBAP_HEADER,
  ModbusError,
  type Request,
  type Response,
  writeMbap,
} from "@modwarden/protocol";
import type { Slot } from "./slot.ts";

/** What a device's answer comes to. */
export type ReplyVerdict =
  | { readonly kind: "answer"; readonly response: Response }
  | { readonly kind: "exception"; readonly exception: number }
  | { readonly kind: "lie"; readonly finding: Finding };

/** Codes a device may answer with; anything else is not passed on. MODBUS Application Protocol V1.1b3 § 7 */
const passedOn: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 10, 11]);

/** Checks the answer against the question: function, byte count, echo. A lie is not passed on. */
export function judgeReply(
  request: Request,
  functionCode: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): ReplyVerdict {
  const answered = (bytes[start] ?? 0) & 0x7f;
  if (end <= start || answered !== functionCode) {
    return lie("reply-function", `asked function ${functionCode}, answered ${end <= start ? "nothing" : answered}`);
  }
  try {
    const response = decodeResponse(bytes, start, end);
    if (response.kind === "exception") {
      return passedOn.has(response.exception)
        ? { kind: "exception", exception: response.exception }
        : lie("reply-exception", `exception code ${response.exception}`);
    }
    checkResponse(request, response);
    return { kind: "answer", response };
  } catch (error) {
    if (error instanceof BadResponseError || error instanceof ModbusError) return lie("reply-mismatch", error.message);
    throw error;
  }
}

function lie(rule: "reply-function" | "reply-exception" | "reply-mismatch", evidence: string): ReplyVerdict {
  return { kind: "lie", finding: conformanceFinding(rule, evidence) };
}

/** Writes the device's PDU into the slot's reply, behind the client's own transaction id and unit. */
export function replyWithPdu(slot: Slot, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  writeMbap(slot.reply, 0, slot.transaction, slot.unit, length);
  slot.reply.set(bytes.subarray(start, end), MBAP_HEADER);
  slot.replyBytes = MBAP_HEADER + length;
}

/** An exception is exactly nine bytes on the wire: MBAP header, function code with bit 7, code. */
export function replyWithException(slot: Slot, exception: number): void {
  writeMbap(slot.reply, 0, slot.transaction, slot.unit, 2);
  slot.reply[MBAP_HEADER] = slot.functionCode | 0x80;
  slot.reply[MBAP_HEADER + 1] = exception;
  slot.replyBytes = MBAP_HEADER + 2;
}
