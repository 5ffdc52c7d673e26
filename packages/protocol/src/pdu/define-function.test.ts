import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadPduError, BadResponseError, ModbusError } from "../errors.ts";
import { parseHex, toHex } from "../hex.ts";
import { refusal } from "../testing/refusal.ts";
import { defineFunction, type UserFunctionDefinition, type UserMessage } from "./define-function.ts";
import type { UserDefined } from "./messages.ts";
import { decodeRequest, encodeRequest } from "./pdu.ts";

/** A byte count and text behind it. */
const text: UserMessage<string> = {
  encode: (message) => Uint8Array.of(message.length, ...Array.from(message, (one) => one.charCodeAt(0))),
  decode(data) {
    if (data.length !== 1 + data[0]!) throw new RangeError("the count lies");
    return String.fromCharCode(...data.subarray(1));
  },
  length: (data) => (data.length < 1 ? undefined : 1 + data[0]!),
};
const nothing: UserMessage<undefined> = {
  encode: () => new Uint8Array(0),
  decode(data) {
    if (data.length > 0) throw new BadPduError(2, "nothing may follow");
    return undefined;
  },
};

const definition: UserFunctionDefinition<string, undefined> = {
  functionCode: 0x41,
  name: "show text",
  request: text,
  response: nothing,
};
const showText = defineFunction(definition);
const wire = (hex: string, functionCode = 0x41): UserDefined => ({
  kind: "user-defined",
  functionCode,
  data: parseHex(hex),
});

function codeOf(act: () => unknown): string {
  try {
    act();
    return "not refused";
  } catch (error) {
    return error instanceof ModbusError ? error.code : "no ModbusError";
  }
}

test("a message travels through the codec of its code", () => {
  const pdu = new Uint8Array(253);
  const end = encodeRequest(showText.request.encode("Hi"), pdu, 0);
  //                                          fc | count | text
  expect(toHex(pdu.subarray(0, end))).toBe(toHex(parseHex("41 02 4869")));
  expect(showText.request.decode(decodeRequest(pdu, 0, end) as UserDefined)).toBe("Hi");
  expect(showText.response.encode(undefined)).toEqual(wire(""));
  expect(showText.response.decode(wire(""))).toBeUndefined();
  expect([showText.functionCode, showText.name]).toEqual([0x41, "show text"]);
});

test("every code that is left to users can be defined, and no other", () => {
  for (let functionCode = -1; functionCode <= 256; functionCode++) {
    const users = (functionCode >= 65 && functionCode <= 72) || (functionCode >= 100 && functionCode <= 110);
    expect(codeOf(() => defineFunction({ ...definition, functionCode }))).toBe(
      users ? "not refused" : "ERR_MODBUS_BAD_VALUE",
    );
  }
  expect(codeOf(() => defineFunction({ ...definition, functionCode: 65.5 }))).toBe("ERR_MODBUS_BAD_VALUE");
  expect(codeOf(() => defineFunction({ ...definition, name: "" }))).toBe("ERR_MODBUS_BAD_VALUE");
});

test("it is frozen", () => {
  expect([showText, showText.request, showText.response].every((part) => Object.isFrozen(part))).toBe(true);
});

describe("what the definition does wrong is told as any other fault", () => {
  test("252 bytes are the most", () => {
    expect(showText.request.encode("x".repeat(251)).data.length).toBe(252);
    expect(refusal(() => showText.request.encode("x".repeat(252)))).toBe(3);
  });

  test("encode that fails, or gives no bytes", () => {
    const broken = (encode: () => Uint8Array): string =>
      codeOf(() => defineFunction({ ...definition, request: { ...text, encode } }).request.encode("x"));
    expect(broken(() => expect.fail("no"))).toBe("ERR_MODBUS_BAD_VALUE");
    expect(broken(() => "x" as unknown as Uint8Array)).toBe("ERR_MODBUS_BAD_VALUE");
    expect(
      broken(() => {
        throw new BadPduError(2, "no");
      }),
    ).toBe("ERR_MODBUS_BAD_REQUEST");
  });

  test("a malformed request is 03 unless decode says another exception, a malformed response is a bad response", () => {
    expect(refusal(() => showText.request.decode(wire("03 4869")))).toBe(3);
    expect(refusal(() => showText.request.decode(wire("02 4869", 0x42)))).toBe(1);
    expect(refusal(() => showText.response.decode(wire("00")))).toBe("response");
    expect(refusal(() => showText.response.decode(wire("", 0x42)))).toBe("response");
    const asked = defineFunction({ ...definition, request: nothing });
    expect(refusal(() => asked.request.decode(wire("00")))).toBe(2);
  });

  test("the cause is kept, an own BadResponseError is passed on", () => {
    const own = new BadResponseError("mine");
    const throwing = (error: unknown): UserMessage<never> => ({
      encode: () => new Uint8Array(0),
      decode() {
        throw error;
      },
    });
    const decode = (error: unknown): unknown => {
      try {
        return defineFunction({ ...definition, response: throwing(error) }).response.decode(wire(""));
      } catch (thrown) {
        return thrown;
      }
    };
    expect(decode(own)).toBe(own);
    expect((decode("text") as Error).cause).toBe("text");
  });
});

describe("the length of the data", () => {
  test("is told as soon as it is known", () => {
    expect(showText.request.length?.(parseHex(""))).toBeUndefined();
    expect(showText.request.length?.(parseHex("02"))).toBe(3);
    expect(showText.response.length).toBeUndefined();
  });

  test("is none when it cannot be, never settles, or fails", () => {
    const length = (answer: () => number | undefined, bytes: number): number | undefined =>
      defineFunction({ ...definition, request: { ...text, length: answer } }).request.length?.(new Uint8Array(bytes));
    expect([0, 252, 253, -1, 1.5, Number.NaN].map((answer) => length(() => answer, 4))).toEqual([
      0, 252, -1, -1, -1, -1,
    ]);
    expect(length(() => undefined, 251)).toBeUndefined();
    expect(length(() => undefined, 252)).toBe(-1);
    expect(length(() => expect.fail("no"), 4)).toBe(-1);
  });

  test("agrees with what encode gives, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 200 }), (message) => {
        const { data } = showText.request.encode(message);
        for (let at = 1; at <= data.length; at++) {
          expect(showText.request.length?.(data.subarray(0, at))).toBe(data.length);
        }
      }),
    );
  });
});
