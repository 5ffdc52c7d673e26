import { BadFrameError } from "../errors.ts";
import { MAX_ASCII_FRAME } from "../limits.ts";
import { sum8 } from "./sums.ts";

export const COLON = 0x3a;
export const CR = 0x0d;
export const LF = 0x0a;
/** Colon, address, function code, LRC in two characters each, CR and LF. */
const MIN_ASCII_FRAME = 9;

/** The two's complement of the sum of the bytes `at` to `end`. Serial Line V1.02 § 6.2.1 */
export function lrc(bytes: Uint8Array, at: number, end: number): number {
  return -sum8(bytes, at, end) & 0xff;
}

/** The value of a hex digit's character, or -1. Lower case is tolerated, though never sent. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1;
}

/** The address and PDU of exactly one ASCII frame. Throws BadFrameError. Serial Line V1.02 § 2.5.2 */
export function asciiContent(frame: Uint8Array): Uint8Array {
  const end = frame.length - 2;
  if (frame.length < MIN_ASCII_FRAME || frame.length > MAX_ASCII_FRAME) {
    throw new BadFrameError(
      `an ASCII frame has ${MIN_ASCII_FRAME} to ${MAX_ASCII_FRAME} characters, not ${frame.length}`,
    );
  }
  if (frame[0] !== COLON) throw new BadFrameError("an ASCII frame starts with a colon");
  if (frame[end] !== CR || frame[end + 1] !== LF) throw new BadFrameError("an ASCII frame ends with CR and LF");
  if (end % 2 !== 1) throw new BadFrameError("an ASCII frame has two characters for each byte");
  const bytes = new Uint8Array((end - 1) / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = hexDigit(frame[1 + 2 * index]!);
    const low = hexDigit(frame[2 + 2 * index]!);
    if (high < 0 || low < 0) throw new BadFrameError(`byte ${index + 1} of the ASCII frame is not written in hex`);
    bytes[index] = (high << 4) | low;
  }
  const last = bytes.length - 1;
  if (bytes[last] !== lrc(bytes, 0, last)) throw new BadFrameError("the LRC does not fit the frame");
  return bytes.subarray(0, last);
}

function hexCharacter(value: number): number {
  return value < 10 ? 0x30 + value : 0x37 + value;
}

/** A PDU as the characters of an ASCII frame, hex in upper case. `delimiter`: the last character, as diagnostics sets it. § 6.8.1 */
export function asciiFrame(unit: number, pdu: Uint8Array, delimiter: number = LF): Uint8Array {
  const bytes = new Uint8Array(pdu.length + 2);
  bytes[0] = unit;
  bytes.set(pdu, 1);
  bytes[pdu.length + 1] = lrc(bytes, 0, pdu.length + 1);
  const out = new Uint8Array(2 * bytes.length + 3);
  out[0] = COLON;
  for (let index = 0; index < bytes.length; index++) {
    out[1 + 2 * index] = hexCharacter(bytes[index]! >>> 4);
    out[2 + 2 * index] = hexCharacter(bytes[index]! & 0x0f);
  }
  out[out.length - 2] = CR;
  out[out.length - 1] = delimiter;
  return out;
}
