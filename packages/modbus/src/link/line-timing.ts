import { ModbusError } from "@modwarden/protocol";
import { type Framing, framingOf } from "../framing/framing.ts";
import type { SerialSettings } from "../serial-settings.ts";
import type { ModbusUrl } from "../url.ts";

/** How a line is used. Every time is in milliseconds and may be a fraction. */
export interface LineOptions {
  /**
   * The silence before a frame is sent. Default on a serial port: three and a half characters at its speed, 1.75 ms
   * above 19200 baud; 0 over a network, where the device at the serial end keeps it. Serial Line V1.02 § 2.5.1.1
   */
  readonly silenceMs?: number;
  /**
   * The silence that ends a frame which is not complete. Default for RTU: the silence before a frame, but at least 20,
   * because drivers and USB adapters hand on what they have every 16; 100 over a network; for ASCII 1000 (§ 2.5.2.1).
   */
  readonly gapMs?: number;
  /**
   * Discards an RTU frame with a silence of more than one and a half characters inside, as § 2.5.1.1 asks. Default
   * false: an operating system hands characters on in pieces, and good frames would be lost.
   */
  readonly strict?: boolean;
  /** What a client leaves its devices after a broadcast, before anything else is sent; default 100. § 2.4.1 */
  readonly turnaroundMs?: number;
  /**
   * How long a client waits, after a request without an answer, before it sends one that a late answer could be taken
   * for: one to the same unit with the same function, whose answer has the same form. Default: as long as it has
   * already waited. It ends as soon as the late answer is there.
   */
  readonly lateMs?: number;
  /** The adapter hears what it sends, as many for RS-485 with two wires do: it is read back and removed. Default false. */
  readonly echo?: boolean;
}

/** The options of a line with every default filled in. */
export interface LineTiming {
  readonly silenceMs: number;
  readonly gapMs: number;
  /** One and a half characters when that is to be kept, else infinite. */
  readonly insideMs: number;
  readonly turnaroundMs: number;
  /** Undefined: as long as the request's time-out. */
  readonly lateMs: number | undefined;
  readonly echo: boolean;
  /** How long `bytes` take on the wire; 0 over a network. */
  readonly wireMs: (bytes: number) => number;
}

/** Above this speed the times are fixed. § 2.5.1.1 */
const fixedAbove = 19_200;
const fixedSilenceMs = 1.75;
const fixedInsideMs = 0.75;
/** Between two characters of an ASCII frame. § 2.5.2.1 */
const asciiGapMs = 1000;
const networkGapMs = 100;
const serialGapMs = 20;
const longest = 2_147_483_647;

/** The timing of a line at `url`; undefined where the framing is MBAP, which has none. */
export function lineTimingOf(url: ModbusUrl, options: LineOptions | undefined): LineTiming | undefined {
  const framing = framingOf(url.scheme);
  if (framing === "mbap") return undefined;
  return lineTiming(framing, url.serial, options);
}

/** `serial` is undefined where the characters travel over a network. Throws `ERR_MODBUS_BAD_VALUE`. */
export function lineTiming(
  framing: Exclude<Framing, "mbap">,
  serial: SerialSettings | undefined,
  options: LineOptions = {},
): LineTiming {
  const characterMs = serial === undefined ? 0 : (1000 * characterBits(serial)) / serial.baud;
  const fixed = serial !== undefined && serial.baud > fixedAbove;
  const silenceMs = checked("silenceMs", options.silenceMs ?? (fixed ? fixedSilenceMs : 3.5 * characterMs));
  const rtuGapMs = serial === undefined ? networkGapMs : Math.max(silenceMs, serialGapMs);
  return {
    silenceMs,
    gapMs: checked("gapMs", options.gapMs ?? (framing === "ascii" ? asciiGapMs : rtuGapMs)),
    insideMs:
      options.strict === true && framing === "rtu" && serial !== undefined
        ? fixed
          ? fixedInsideMs
          : 1.5 * characterMs
        : Number.POSITIVE_INFINITY,
    turnaroundMs: checked("turnaroundMs", options.turnaroundMs ?? 100),
    lateMs: options.lateMs === undefined ? undefined : checked("lateMs", options.lateMs),
    echo: options.echo ?? false,
    wireMs: (bytes) => bytes * characterMs,
  };
}

function characterBits({ dataBits, parity, stopBits }: SerialSettings): number {
  return 1 + dataBits + (parity === "none" ? 0 : 1) + stopBits;
}

function checked(name: string, value: number): number {
  if (value >= 0 && value <= longest) return value;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `line.${name} has to be 0 to ${longest} ms, not ${value}`);
}
