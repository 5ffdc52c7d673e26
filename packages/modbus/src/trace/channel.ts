import {
  AsciiSplitter,
  asciiFrame,
  BadFrameError,
  type Direction,
  type LineSide,
  type LineSplitter,
  MBAP_HEADER,
  MbapSplitter,
  type ModbusError,
  mbapTransaction,
  mbapUnit,
  RtuSplitter,
  rtuFrame,
  type UserFunction,
} from "@modwarden/protocol";
import { LineReader } from "../framing/line-reader.ts";
import type { LineTiming } from "../link/line-timing.ts";

/** A frame as a trace sees it. */
export interface SeenFrame {
  /** The ADU. A copy. */
  readonly bytes: Uint8Array;
  readonly pdu: Uint8Array;
  readonly unit: number;
  /** Where the framing has one. */
  readonly transaction: number | undefined;
  readonly direction: Direction;
}

/** Who hears what is seen on one way of a connection. */
export interface ChannelListener {
  frame(frame: SeenFrame): void;
  /** Bytes that are no frame. A copy. */
  noise(bytes: Uint8Array, fault: ModbusError): void;
}

/** One way of a connection: bytes to frames. */
export interface Channel {
  push(chunk: Uint8Array): void;
  /** What is held ends here, as far as the framing can end without more bytes. */
  flush(): void;
  /** The last character of an ASCII frame has become another. MODBUS Application Protocol V1.1b3 § 6.8, sub-function 3 */
  setDelimiter(character: number): void;
}

/** Modbus/TCP: all frames of one way have the same direction. `datagrams`: nothing goes on in the next chunk. */
export function mbapChannel(direction: Direction, datagrams: boolean, listener: ChannelListener): Channel {
  let splitter = new MbapSplitter();
  return {
    push(chunk) {
      const fault = splitter.push(chunk, (bytes, start, end) => {
        const adu = bytes.slice(start, end);
        const [transaction, unit] = [mbapTransaction(adu, 0), mbapUnit(adu, 0)];
        listener.frame({ bytes: adu, pdu: adu.subarray(MBAP_HEADER), unit, transaction, direction });
        return true;
      });
      const cut = datagrams && splitter.pending > 0 ? new BadFrameError("the datagram ends inside a frame") : undefined;
      const found = fault ?? cut;
      if (found === undefined) return;
      // A trace that is switched on in the middle of a frame sees this too, and goes on with the next chunk.
      splitter = new MbapSplitter();
      listener.noise(chunk.slice(), found);
    },
    flush() {},
    setDelimiter() {},
  };
}

/** What a trace has to know of a line. */
export interface TracedLine {
  readonly framing: "rtu" | "ascii";
  readonly timing: LineTiming;
  /** The units that a server answers for. */
  readonly serves?: ((unit: number) => boolean) | undefined;
  /** Functions of one's own, for their lengths. */
  readonly functions?: readonly UserFunction<unknown, unknown>[] | undefined;
}

/** RTU or ASCII. The bytes of a frame are written anew: what was recognised had exactly these. */
export function lineChannel(line: TracedLine, side: LineSide, now: () => number, listener: ChannelListener): Channel {
  const ascii = line.framing === "ascii" ? new AsciiSplitter(side) : undefined;
  const splitter: LineSplitter = ascii ?? new RtuSplitter(side, line.functions);
  // What has come and is not accounted for: noise first, then frames, then what the splitter holds.
  let raw: Uint8Array = new Uint8Array(0);
  let skipped = 0;
  const tellNoise = (): void => {
    const count = splitter.counters.skipped - skipped;
    skipped = splitter.counters.skipped;
    if (count === 0) return;
    const noise = raw.subarray(0, count);
    raw = raw.subarray(count);
    listener.noise(noise, new BadFrameError(`${count} bytes belong to no frame`));
  };
  const each = (bytes: Uint8Array, start: number, end: number, unit: number, direction: Direction): boolean => {
    tellNoise();
    const pdu = bytes.slice(start, end);
    const frame = ascii === undefined ? rtuFrame(unit, pdu) : asciiFrame(unit, pdu, ascii.delimiter);
    raw = raw.subarray(frame.length);
    listener.frame({ bytes: frame, pdu, unit, transaction: undefined, direction });
    return true;
  };
  const reader = new LineReader(splitter, line.timing, now, each);
  const account = (): void => {
    tellNoise();
    raw = raw.slice(Math.max(0, raw.length - splitter.pending));
  };
  return {
    push(chunk) {
      raw = joined(raw, chunk);
      reader.push(chunk);
      account();
    },
    flush() {
      splitter.silence(each);
      account();
    },
    setDelimiter(character) {
      if (ascii !== undefined) ascii.delimiter = character;
    },
  };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const out = new Uint8Array(left.length + right.length);
  out.set(left);
  out.set(right, left.length);
  return out;
}
