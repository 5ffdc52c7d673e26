import {
  AsciiSplitter,
  asciiFrame,
  crc16,
  type LineSide,
  type LineSplitter,
  MAX_ASCII_FRAME,
  MAX_RTU_ADU,
  RtuSplitter,
  type UserFunction,
} from "@modwarden/protocol";
import type { Framing } from "./framing.ts";

/** How frames of one line look, in both directions. */
export interface LineCodec {
  readonly maxAdu: number;
  readonly splitter: LineSplitter;
  /** Bytes of an ADU with a PDU of so many. */
  size(pduLength: number): number;
  /** Where the PDU of an ADU that begins at `start` has to be written. */
  begin(start: number): number;
  /** Completes the ADU that begins at `start` and whose PDU ends at `end`. Returns its end. */
  finish(out: Uint8Array, start: number, end: number, unit: number): number;
  /** The last character of an ASCII frame; RTU has none. */
  setDelimiter(character: number): void;
}

export function lineCodec(
  framing: Exclude<Framing, "mbap">,
  side: LineSide,
  functions: readonly UserFunction<unknown, unknown>[],
): LineCodec {
  return framing === "rtu" ? rtuCodec(side, functions) : asciiCodec(side);
}

function rtuCodec(side: LineSide, functions: readonly UserFunction<unknown, unknown>[]): LineCodec {
  return {
    maxAdu: MAX_RTU_ADU,
    splitter: new RtuSplitter(side, functions),
    size: (pduLength) => pduLength + 3,
    begin: (start) => start + 1,
    finish(out, start, end, unit) {
      out[start] = unit;
      const crc = crc16(out, start, end);
      out[end] = crc;
      out[end + 1] = crc >>> 8;
      return end + 2;
    },
    setDelimiter: () => undefined,
  };
}

function asciiCodec(side: LineSide): LineCodec {
  const splitter = new AsciiSplitter(side);
  return {
    maxAdu: MAX_ASCII_FRAME,
    splitter,
    size: (pduLength) => 2 * pduLength + 7,
    begin: (start) => start + 1,
    finish(out, start, end, unit) {
      const frame = asciiFrame(unit, out.subarray(start + 1, end), splitter.delimiter);
      out.set(frame, start);
      return start + frame.length;
    },
    setDelimiter(character) {
      splitter.delimiter = character;
    },
  };
}
