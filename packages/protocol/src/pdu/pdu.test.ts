import { describe, expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import { anyRequest } from "../testing/any-request.ts";
import { anyResponse } from "../testing/any-response.ts";
import { Integers } from "../testing/integers.ts";
import { refusal } from "../testing/refusal.ts";
import { same } from "../testing/same.ts";
import { functionCodes } from "./function-codes.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, requestSize, responseSize } from "./pdu.ts";

const request = (hex: string): Request => {
  const bytes = parseHex(hex);
  return decodeRequest(bytes, 0, bytes.length);
};
const response = (hex: string): Response | ExceptionResponse => {
  const bytes = parseHex(hex);
  return decodeResponse(bytes, 0, bytes.length);
};

const assigned = new Set(functionCodes.map(({ code }) => code));

describe("function codes", () => {
  test("the table holds the codes of the specification and no other", () => {
    const publicCodes = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 43];
    const userCodes = [65, 66, 67, 68, 69, 70, 71, 72, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110];
    expect(functionCodes.map(({ code }) => code)).toEqual([...publicCodes, ...userCodes]);
  });

  test("an unassigned one is refused with 01 before its length is looked at", () => {
    for (let code = 0; code < 256; code++) {
      if (assigned.has(code)) continue;
      for (const length of [1, 5, 253, 254, 300]) {
        const bytes = new Uint8Array(length);
        bytes[0] = code;
        expect(refusal(() => decodeRequest(bytes, 0, length))).toBe(1);
      }
    }
  });

  test("an unassigned one below 128 is no response either", () => {
    for (let code = 0; code < 128; code++) {
      if (!assigned.has(code)) expect(refusal(() => response(`${toHex(Uint8Array.of(code))} 00`))).toBe("response");
    }
  });

  test("an exception to any code is read, also to an unassigned one", () => {
    for (let code = 0; code < 128; code++) {
      expect(decodeResponse(Uint8Array.of(code | 0x80, 200), 0, 2)).toEqual({
        kind: "exception",
        functionCode: code,
        exception: 200,
      });
    }
  });

  test("the answer to a code with bit 7 repeats it unchanged", () => {
    const out = new Uint8Array(2);
    encodeResponse({ kind: "exception", functionCode: 0x83, exception: 1 }, out, 0);
    expect(out).toEqual(Uint8Array.of(0x83, 1));
  });
});

describe("the order of checks: function, then structure, then what is an address", () => {
  test.each<[string, string, number]>([
    // fc | body
    ["reserved code with any body", "2a 0000", 1],
    ["43 without its MEI type", "2b", 3],
    ["unknown MEI type, too short as well", "2b 0f", 1],
    ["43/14 with an unknown code", "2b 0e 05 00", 3],
    ["43/14 with code 0", "2b 0e 00 00", 3],
    ["43/14 with an extended object", "2b 0e 04 80", 0],
    ["43/14 too short", "2b 0e 01", 3],
    ["43/14 too long", "2b 0e 01 00 00", 3],
    ["43/13 with nothing", "2b 0d", 0],
    ["diagnostics without sub-function", "08 00", 3],
    ["unknown sub-function without data", "08 0005", 1],
    ["sub-function 19", "08 0013 0000", 1],
    ["sub-function 21", "08 0015 0000", 1],
    ["query data missing", "08 0000", 3],
    ["query data odd", "08 0000 01", 3],
    ["query data long", "08 0000 0102 0304", 0],
    ["restart with other data", "08 0001 0001", 3],
    ["restart with too much data", "08 0001 0000 0000", 3],
    ["delimiter with a second character", "08 0003 0a0d", 3],
    ["counter with data", "08 000b 0001", 3],
    ["listen only", "08 0004 0000", 0],
    ["quantity 0", "01 0000 0000", 3],
    ["quantity 2001", "01 0000 07d1", 3],
    ["quantity 2000", "02 0000 07d0", 0],
    ["quantity 126", "03 0000 007e", 3],
    ["quantity 125", "04 0000 007d", 0],
    ["beyond the last address", "03 ffff 007d", 0],
    ["coil 0001", "05 0000 0001", 3],
    ["coil FF01", "05 0000 ff01", 3],
    ["padding bits set", "0f 0000 0001 01 ff", 0],
    ["1969 coils", "0f 0000 07b1 f7", 3],
    ["coils without header", "0f 0000 0001", 3],
    ["coils missing", "0f 0000 0009 02 ff", 3],
    ["coils too many", "0f 0000 0008 01 ff ff", 3],
    ["124 registers", "10 0000 007c f8", 3],
    ["odd byte count", "10 0000 0001 03 000000", 3],
    ["byte count that wraps", "10 0000 7ff9 ff", 3],
    ["write quantity 122", "17 0000 0001 0000 007a f4", 3],
    ["write quantity 0", "17 0000 0001 0000 0000 00", 3],
    ["write byte count", "17 0000 0001 0000 0001 04 0000 0000", 3],
    ["write registers missing", "17 0000 0001 0000 0002 04 0000", 3],
    ["file read without groups", "14 00", 3],
    ["file read without byte count", "14", 3],
    ["file read, group missing", "14 0e 06 0001 0000 0001", 3],
    ["file read of nothing", "14 07 06 0001 0000 0000", 3],
    ["file read whose answer is too long", "14 07 06 0001 0000 007a", 3],
    ["file read, longest answer", "14 07 06 0001 0000 0079", 0],
    ["file 0", "14 07 06 0000 0000 0001", 2],
    ["record 9999", "14 07 06 0001 270f 0001", 0],
    ["record 10000", "14 07 06 0001 2710 0001", 2],
    ["record and length", "14 07 06 0001 270f 0002", 2],
    ["reference type 5, but a group of nothing first", "14 0e 05 0001 0000 0001 06 0001 0000 0000", 3],
    ["file write without length", "15", 3],
    ["file write too short", "15 08 06 0001 0000 0001 00", 3],
    ["file write of nothing", "15 09 06 0001 0000 0000 0000", 3],
    ["file write longer than the PDU", "15 09 06 0001 0000 0101 0000", 3],
    ["file write with crumbs", "15 0b 06 0001 0000 0001 0000 0000", 3],
    ["file write, bytes missing", "15 0b 06 0001 0000 0002 0000", 3],
    ["file write, reference type 7", "15 09 07 0001 0000 0001 0000", 2],
    ["file write, file 0", "15 09 06 0000 0000 0001 0000", 2],
    ["file write, record 10000", "15 09 06 0001 2710 0001 0000", 2],
    ["mask too long", "16 0004 00f2 0025 00", 3],
    ["user-defined with nothing", "48", 0],
    ["user-defined with anything", "64 ff", 0],
  ])("%s", (_, hex, exception) => {
    expect(refusal(() => request(hex))).toBe(exception === 0 ? "not refused" : exception);
  });

  test("254 bytes are too many for every function", () => {
    for (const { code, mei = 0 } of functionCodes) {
      const bytes = new Uint8Array(254);
      bytes[0] = code;
      bytes[1] = mei;
      expect(refusal(() => decodeRequest(bytes, 0, 254))).toBe(3);
      expect(refusal(() => decodeResponse(bytes, 0, 254))).toBe("response");
    }
  });

  test.each([
    [0, 0],
    [3, 2],
    [-1, 5],
    [0, 6],
  ])("from %d to %d of 5 bytes there is no PDU", (at, end) => {
    const bytes = parseHex("03 0000 0001");
    expect(refusal(() => decodeRequest(bytes, at, end))).toBe(3);
    expect(refusal(() => decodeResponse(bytes, at, end))).toBe("response");
  });
});

describe("responses that are none", () => {
  test.each([
    // fc | body
    ["bits without byte count", "01"],
    ["no bits", "01 00"],
    ["251 bytes of bits", `01 fb ${"00".repeat(251)}`],
    ["registers without byte count", "03"],
    ["write of nothing", "0f 0000 0000"],
    ["write of 1969 coils", "0f 0000 07b1"],
    ["write of 124 registers", "10 0000 007c"],
    ["exception with more", "83 02 00"],
    ["identification, header cut", "2b 0e 01 01 00 00"],
    ["identification, code 5", "2b 0e 05 01 00 00 00"],
    ["identification, level 0", "2b 0e 01 00 00 00 00"],
    ["identification, level 4", "2b 0e 01 84 00 00 00"],
    ["identification, more 01", "2b 0e 01 01 01 01 00"],
    ["identification, next without more", "2b 0e 01 01 00 01 00"],
    ["identification, object missing", "2b 0e 01 01 00 00 01"],
    ["identification, object more", "2b 0e 01 01 00 00 01 00 01 41 00"],
    ["status 2 bytes", "07 00 00"],
    ["listen only is never answered", "08 0004 0000"],
    ["event counter, half busy", "0b 00ff 0000"],
    ["event log without byte count", "0c"],
    ["event log, byte count 5", "0c 05 0000 0000 00"],
    ["event log, 65 events", `0c 47 0000 0000 0000 ${"00".repeat(65)}`],
    ["event log, half busy", "0c 06 ff00 0000 0000"],
    ["server id of nothing", "11 00"],
    ["server id cut", "11 03 01 ff"],
    ["file read without byte count", "14"],
    ["file read of nothing", "14 00"],
    ["file read, 246 bytes", `14 f6 ${"00".repeat(246)}`],
    ["file read, even record", "14 03 02 06 00"],
    ["file read, empty record", "14 02 01 06"],
    ["file read, record cut", "14 04 05 06 0000"],
    ["file read, reference type 7", "14 04 03 07 0000"],
    ["file write, reference type 7", "15 09 07 0001 0000 0001 0000"],
    ["queue, header cut", "18 0002 00"],
    ["queue, byte count", "18 0006 0001 0000"],
    ["queue cut", "18 0006 0002 0000"],
  ])("%s", (_, hex) => {
    expect(refusal(() => response(hex))).toBe("response");
  });
});

test("messages do not share bytes with what they were read from", () => {
  const out = new Uint8Array(253);
  for (let seed = 0; seed < 50; seed++) {
    for (const any of Object.values(anyRequest)) {
      const message = any(new Integers(seed));
      out.fill(0);
      const decoded = decodeRequest(out, 0, encodeRequest(message, out, 0));
      out.fill(0xee);
      expect(same(decoded, message)).toBe(true);
      expect(requestSize(message)).toBeLessThanOrEqual(253);
    }
    for (const any of Object.values(anyResponse)) {
      const message = any(new Integers(seed));
      out.fill(0);
      const decoded = decodeResponse(out, 0, encodeResponse(message, out, 0));
      out.fill(0xee);
      expect(same(decoded, message)).toBe(true);
      expect(responseSize(message)).toBeLessThanOrEqual(253);
    }
  }
});
