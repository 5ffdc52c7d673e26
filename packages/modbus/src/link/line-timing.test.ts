import { describe, expect, test } from "vitest";
import { parseModbusUrl } from "../url.ts";
import { lineTiming, lineTimingOf } from "./line-timing.ts";

const at = (url: string, options = {}) => lineTimingOf(parseModbusUrl(url), options)!;

describe("lineTiming", () => {
  test.each([
    // 8E1 and 8N2 are eleven bits a character, 7E1 is ten.
    ["modbus+rtu:///dev/x?baud=9600", (3.5 * 11_000) / 9600],
    ["modbus+rtu:///dev/x?baud=9600&parity=none", (3.5 * 11_000) / 9600],
    ["modbus+rtu:///dev/x?baud=19200", (3.5 * 11_000) / 19_200],
    ["modbus+rtu:///dev/x?baud=38400", 1.75],
    ["modbus+rtu:///dev/x?baud=115200", 1.75],
    ["modbus+ascii:///dev/x?baud=9600", (3.5 * 10_000) / 9600],
    ["modbus+rtutcp://h:1", 0],
  ])("keeps three and a half characters of silence at %s, with its floor", (url, expected) => {
    expect(at(url).silenceMs).toBeCloseTo(expected, 6);
  });

  test("a frame ends with silence, which is longer where bytes come in pieces", () => {
    expect(at("modbus+rtu:///dev/x?baud=300").gapMs).toBeCloseTo((3.5 * 11_000) / 300);
    expect(at("modbus+rtu:///dev/x").gapMs).toBe(20);
    expect(at("modbus+rtutcp://h:1").gapMs).toBe(100);
    expect(at("modbus+ascii:///dev/x").gapMs).toBe(1000);
    expect(at("modbus+asciitcp://h:1").gapMs).toBe(1000);
  });

  test("one and a half characters are kept only when they are asked for, on a serial port", () => {
    expect(at("modbus+rtu:///dev/x").insideMs).toBe(Number.POSITIVE_INFINITY);
    expect(at("modbus+rtu:///dev/x?baud=9600", { strict: true }).insideMs).toBeCloseTo((1.5 * 11_000) / 9600);
    expect(at("modbus+rtu:///dev/x?baud=57600", { strict: true }).insideMs).toBe(0.75);
    expect(at("modbus+rtutcp://h:1", { strict: true }).insideMs).toBe(Number.POSITIVE_INFINITY);
    expect(at("modbus+ascii:///dev/x", { strict: true }).insideMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("Modbus/TCP has no timing, and times that cannot be are refused", () => {
    expect(lineTimingOf(parseModbusUrl("modbus+tcp://h"), {})).toBeUndefined();
    for (const options of [{ silenceMs: -1 }, { gapMs: Number.NaN }, { turnaroundMs: 2 ** 31 }, { lateMs: -5 }]) {
      expect(() => lineTiming("rtu", undefined, options)).toThrow(
        expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }),
      );
    }
  });
});
