import { uint16 } from "../bytes.ts";
import { BadFrameError } from "../errors.ts";
import type { ExceptionResponse, Request, Response } from "../pdu/messages.ts";
import { decodeRequest, decodeResponse } from "../pdu/pdu.ts";
import type { Direction } from "../pdu/refuse.ts";
import { asciiContent, asciiFrame } from "./ascii.ts";
import { MBAP_HEADER, mbapFault, mbapTransaction, mbapUnit, writeMbap } from "./mbap.ts";
import { checkRtu, rtuFrame } from "./rtu.ts";

/** How a frame is wrapped. `pdu`: not at all. */
export type FrameTransport = "pdu" | "tcp" | "rtu" | "ascii";

/** `unit` is there for every transport but `pdu`, `transaction` for `tcp`. */
export type DecodedFrame = FrameEnvelope &
  (
    | { readonly direction: "request"; readonly message: Request }
    | { readonly direction: "response"; readonly message: Response | ExceptionResponse }
  );

export interface FrameEnvelope {
  readonly transport: FrameTransport;
  readonly unit?: number;
  readonly transaction?: number;
}

/**
 * Reads `bytes` as exactly one frame: nothing before it and nothing behind. For `ascii` the bytes are the characters.
 * Throws BadFrameError for the wrapping, BadPduError or BadResponseError for the PDU.
 */
export function decodeFrame(transport: FrameTransport, direction: Direction, bytes: Uint8Array): DecodedFrame {
  switch (transport) {
    case "pdu":
      return withMessage({ transport }, direction, bytes, 0, bytes.length);
    case "tcp": {
      checkTcp(bytes);
      const envelope = { transport, unit: mbapUnit(bytes, 0), transaction: mbapTransaction(bytes, 0) };
      return withMessage(envelope, direction, bytes, MBAP_HEADER, bytes.length);
    }
    case "rtu":
      checkRtu(bytes);
      return withMessage({ transport, unit: bytes[0]! }, direction, bytes, 1, bytes.length - 2);
    case "ascii": {
      const content = asciiContent(bytes);
      return withMessage({ transport, unit: content[0]! }, direction, content, 1, content.length);
    }
  }
}

function withMessage(
  envelope: FrameEnvelope,
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  end: number,
): DecodedFrame {
  return direction === "request"
    ? { ...envelope, direction, message: decodeRequest(bytes, at, end) }
    : { ...envelope, direction, message: decodeResponse(bytes, at, end) };
}

function checkTcp(bytes: Uint8Array): void {
  if (bytes.length < MBAP_HEADER + 1) {
    throw new BadFrameError(`an ADU has at least ${MBAP_HEADER + 1} bytes, not ${bytes.length}`);
  }
  const fault = mbapFault(bytes, 0);
  if (fault !== undefined) throw new BadFrameError(fault);
  const length = uint16(bytes, 4);
  if (bytes.length !== 6 + length) {
    throw new BadFrameError(`MBAP length ${length} promises ${6 + length} bytes, there are ${bytes.length}`);
  }
}

/** Wraps a PDU; `unit` and `transaction` default to 0. The bytes are new. */
export function encodeFrame(envelope: FrameEnvelope, pdu: Uint8Array): Uint8Array {
  const unit = envelope.unit ?? 0;
  switch (envelope.transport) {
    case "pdu":
      return pdu.slice();
    case "tcp": {
      const out = new Uint8Array(MBAP_HEADER + pdu.length);
      out.set(pdu, writeMbap(out, 0, envelope.transaction ?? 0, unit, pdu.length));
      return out;
    }
    case "rtu":
      return rtuFrame(unit, pdu);
    case "ascii":
      return asciiFrame(unit, pdu);
  }
}
