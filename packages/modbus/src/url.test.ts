import { ModbusError } from "@modwarden/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatModbusUrl, parseModbusUrl } from "./url.ts";

describe("parseModbusUrl", () => {
  test.each([
    ["modbus+tcp://10.0.0.11", { scheme: "tcp", host: "10.0.0.11", port: 502 }],
    ["modbus+tcp://plc.example:1502?unit=7", { scheme: "tcp", host: "plc.example", port: 1502, unit: 7 }],
    ["modbus+tcp://127.0.0.1:0/", { port: 0 }],
    ["modbus+tls://gw.example", { scheme: "tls", port: 802 }],
    [
      "modbus+unix:///run/mod%20bus.sock?unit=2",
      { scheme: "unix", host: "", port: 0, path: "/run/mod bus.sock", unit: 2 },
    ],
    ["modbus+udp://h", { scheme: "udp", port: 502 }],
    ["modbus+tcp://[2001:db8::7]:99", { host: "2001:db8::7", port: 99 }],
    ["modbus+rtutcp://h:4001", { scheme: "rtutcp", port: 4001 }],
    [
      "modbus+rtu:///dev/ttyUSB0?unit=3&baud=9600&parity=none",
      {
        host: "",
        port: 0,
        path: "/dev/ttyUSB0",
        unit: 3,
        serial: { baud: 9600, dataBits: 8, parity: "none", stopBits: 2 },
      },
    ],
    ["modbus+rtu:///dev/ttyS1", { serial: { baud: 19200, dataBits: 8, parity: "even", stopBits: 1 } }],
    ["modbus+ascii:///dev/ttyS1?stop=1.5", { serial: { baud: 19200, dataBits: 7, parity: "even", stopBits: 1.5 } }],
  ])("%s", (text, expected) => {
    expect(parseModbusUrl(text)).toMatchObject(expected);
  });

  test.each([
    "",
    "127.0.0.1:502",
    "http://127.0.0.1",
    "modbus://h",
    "modbus+tcp:h",
    "modbus+tcp://",
    "modbus+tcp://h:70000",
    "modbus+tcp://h:x",
    "modbus+tcp://h/path",
    "modbus+tcp://u:p@h",
    "modbus+tcp://h#x",
    "modbus+tcp://h?unit=256",
    "modbus+tcp://h?unit=-1",
    "modbus+tcp://h?unit=",
    "modbus+tcp://h?unit=1&unit=2",
    "modbus+tcp://h?baud=9600",
    "modbus+tcp://h?Unit=1",
    "modbus+tcp://a b",
    "modbus+tcp://::1:502",
    "modbus+rtutcp://h",
    "modbus+rtu://host/dev/ttyUSB0",
    "modbus+rtu:///",
    "modbus+rtu:///dev/x?baud=0",
    "modbus+rtu:///dev/x?parity=both",
    "modbus+rtu:///dev/x?data=9",
    "modbus+rtu:///dev/x?stop=3",
    "modbus+rtu:///dev/%ff",
    "modbus+rtu:///dev/%00",
    "modbus+unix://run/x.sock",
    "modbus+unix:///",
    "modbus+unix:///x?baud=9600",
  ])("refuses %j", (text) => {
    expect(() => parseModbusUrl(text)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_URL" }));
  });

  test("what formatModbusUrl writes is read back as it was", () => {
    for (const text of [
      "modbus+tcp://10.0.0.1:502?unit=3",
      "modbus+tls://[::1]:802",
      "modbus+rtu:///dev/tty%20x?baud=300&unit=0",
      "modbus+unix:///run/a%23b%3Fc%25d.sock?unit=1",
    ]) {
      const url = parseModbusUrl(text);
      expect(parseModbusUrl(formatModbusUrl(url))).toEqual(url);
    }
    expect(formatModbusUrl({ scheme: "tcp", host: "h", port: 9, unit: 4, parameters: {} })).toBe(
      "modbus+tcp://h:9?unit=4",
    );
  });

  test("no text makes it throw anything but a ModbusError", () => {
    const tail = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.constantFrom("", "modbus+tcp://", "modbus+rtu://", "modbus+rtu:///d?"), tail, (head, rest) => {
        try {
          expect(parseModbusUrl(head + rest).port).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ModbusError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
