import {
  type DecodedFrame,
  decodeFrame,
  type FrameTransport,
  type MessageJson,
  ModbusError,
  messageToJson,
  parseHex,
} from "@modwarden/protocol";

/** What `decode --json` prints. */
export type DecodeDocument =
  | {
      readonly valid: true;
      readonly transport: FrameTransport;
      readonly unit?: number;
      readonly direction: "request" | "response";
      readonly pdu: MessageJson;
    }
  | { readonly valid: false; readonly code: string; readonly reason: string };

/** A frame that was decoded, and how it is told. `frame` is there when it is valid. */
export interface Decoded {
  readonly document: DecodeDocument;
  readonly frame?: DecodedFrame;
}

/** The answer to a line that is longer than the hex of any frame. */
export const TOO_LONG: Decoded = {
  document: { valid: false, code: "ERR_MODBUS_BAD_FRAME", reason: "the line is longer than any frame" },
};

/** Reads the hex of exactly one frame. Never throws for what the text says. */
export function decodeHex(transport: FrameTransport, direction: "request" | "response", text: string): Decoded {
  try {
    const frame = decodeFrame(transport, direction, parseHex(text));
    const unit = frame.unit === undefined ? {} : { unit: frame.unit };
    const pdu = messageToJson(direction, frame.message);
    return { frame, document: { valid: true, transport, ...unit, direction, pdu } };
  } catch (error) {
    if (!(error instanceof ModbusError)) throw error;
    return { document: { valid: false, code: error.code, reason: error.message } };
  }
}
