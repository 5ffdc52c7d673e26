import { asciiFrame, parseHex, rtuFrame, toHex } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { type LineOptions, lineTiming } from "../link/line-timing.ts";
import { VirtualTimers } from "../testing/virtual-timers.ts";
import { LineServerFraming } from "./line.ts";

const rtu = (unit: number, pdu: string): Uint8Array => rtuFrame(unit, parseHex(pdu));
/** A character takes 10 ms. */
const serial = { baud: 1100, dataBits: 8, parity: "even", stopBits: 1 } as const;

/** A server's framing for units 3 and 4, and what its listener and observer hear. */
function line(options: LineOptions = {}, framing: "rtu" | "ascii" = "rtu", shared = true) {
  const time = new VirtualTimers();
  const heard: string[] = [];
  const counted: string[] = [];
  let transaction = -1;
  const server = new LineServerFraming(
    {
      framing,
      timing: lineTiming(framing, serial, options),
      serves: (unit) => unit === 3 || unit === 4,
      shared,
      functions: [],
      observer: {
        heard: (unit) => counted.push(`heard ${unit}`),
        damaged: () => counted.push("damaged"),
        overrun: () => counted.push("overrun"),
        request: () => undefined,
        answered: () => undefined,
        exception: () => undefined,
        silent: () => undefined,
      },
    },
    {
      request(bytes, at, end, unit, id) {
        transaction = id;
        heard.push(`${unit}: ${toHex(bytes.slice(at, end))}`);
        return true;
      },
      settled: () => heard.push("settled"),
    },
    time,
  );
  return { server, time, heard, counted, last: () => transaction };
}

/** The ADU of a reply, as a connection writes it. */
function reply(server: LineServerFraming, unit: number, pdu: string): string {
  const out = new Uint8Array(2 * server.maxAdu);
  const body = parseHex(pdu);
  const begin = server.begin(5);
  out.set(body, begin);
  return toHex(out.slice(5, server.finish(out, 5, begin + body.length, unit)));
}

describe("a server on a line", () => {
  test("hands on what is for its units and for all, and hears the rest", () => {
    const { server, heard, counted } = line();
    for (const [unit, pdu] of [
      [3, "03 0000 0001"],
      [5, "06 0001 0002"],
      [5, "06 0001 0002"],
      [0, "06 0001 0009"],
      [5, "03 0000 0001"],
      [5, "03 02 0304"],
      [6, "03 0000 0001"],
      [6, "83 02"],
      [4, "06 0001 0003"],
    ] as const) {
      server.push(rtu(unit, pdu));
    }
    expect(heard).toEqual(["3: 0300000001", "0: 0600010009", "4: 0600010003"]);
    expect(counted.filter((one) => one.startsWith("heard"))).toHaveLength(9);
    expect(counted).not.toContain("damaged");
  });

  test("does not take another unit's answer for a request, although it holds one", () => {
    const { server, heard } = line();
    server.push(rtu(5, "03 0000 0005"));
    // An answer whose data is a whole request to unit 3.
    server.push(rtu(5, `03 0a ${toHex(rtu(3, "06 0001 0002"))} 0000`));
    server.push(rtu(3, "06 0001 0007"));
    expect(heard).toEqual(["3: 0600010007"]);
  });

  test("answers neither a broadcast nor, where others share the line, what has been overtaken", () => {
    const { server, last } = line();
    server.push(rtu(3, "03 0000 0001"));
    const first = last();
    expect([server.answers(3, first), server.answers(0, first), server.answers(3)]).toEqual([true, false, true]);
    server.push(rtu(5, "03 0000 0001"));
    expect(server.answers(3, first)).toBe(false);
    const alone = line({}, "rtu", false);
    alone.server.push(rtu(3, "03 0000 0001"));
    alone.server.push(rtu(4, "03 0000 0001"));
    expect(alone.server.answers(3, 1)).toBe(true);
  });

  test("writes replies with unit and CRC, or as characters", () => {
    expect(reply(line().server, 3, "03 02 0007")).toBe(toHex(rtu(3, "03 02 0007")));
    const longest = `03 fa ${"cafe".repeat(125)}`;
    expect(reply(line({}, "ascii").server, 247, longest)).toBe(toHex(asciiFrame(247, parseHex(longest))));
  });

  test("counts damage, and takes the frame behind it", () => {
    const { server, time, heard, counted } = line();
    const broken = rtu(3, "03 0000 0001");
    broken[7]! ^= 1;
    server.push(broken);
    time.pass(100);
    server.push(rtu(3, "03 0000 0002"));
    expect(heard).toEqual(["3: 0300000002"]);
    expect(counted).toContain("damaged");
    server.push(new Uint8Array(400).fill(0xff));
    time.pass(100);
    expect(counted).toContain("overrun");
  });

  test("tells of damage and frames in the order in which they came", () => {
    const { server, counted } = line();
    server.push(Uint8Array.of(0xff, 0xff, ...rtu(3, "03 0000 0001"), 0xff, 0xff, ...rtu(3, "03 0000 0002")));
    expect(counted).toEqual(["damaged", "heard 3", "damaged", "heard 3"]);
  });

  test("silence ends a request that does not tell its length, and one that never ends", () => {
    const { server, time, heard } = line();
    server.push(rtu(3, "41 0102"));
    time.pass(34);
    expect(heard).toEqual([]);
    time.pass(1);
    expect(heard).toEqual(["3: 410102", "settled"]);
    server.push(rtu(3, "03 0000 0001").subarray(0, 5));
    time.pass(1000);
    server.push(rtu(3, "03 0000 0002"));
    expect(heard).toEqual(["3: 410102", "settled", "3: 0300000002"]);
  });

  test("silence of one and a half characters inside a frame discards it when that is asked for", () => {
    for (const strict of [false, true]) {
      const { server, time, heard } = line({ strict, gapMs: 35 });
      const frame = rtu(3, "03 0000 0001");
      server.push(frame.subarray(0, 4));
      time.pass(16);
      server.push(frame.subarray(4));
      expect(heard).toEqual(strict ? [] : ["3: 0300000001"]);
      time.pass(10);
      // Up to the silence behind it, all of it is that frame.
      server.push(frame);
      expect(heard).toHaveLength(strict ? 0 : 2);
      time.pass(35);
      server.push(frame);
      expect(heard).toHaveLength(strict ? 1 : 3);
    }
  });

  test("ASCII takes its time, and a colon begins anew", () => {
    const { server, time, heard } = line({}, "ascii");
    const frame = asciiFrame(3, parseHex("03 0000 0001"));
    for (const character of frame) {
      server.push(Uint8Array.of(character));
      time.pass(999);
    }
    expect(heard).toEqual(["3: 0300000001"]);
    server.push(frame.subarray(0, 6));
    time.pass(1001);
    server.push(frame.subarray(6));
    expect(heard).toHaveLength(1);
    server.push(frame.subarray(0, 6));
    server.push(frame);
    expect(heard).toHaveLength(2);
  });

  test("the delimiter changes behind the answer to the request for it", () => {
    const { server, heard } = line({}, "ascii");
    server.setDelimiter(0x21);
    expect(reply(server, 3, "08 0003 2100").slice(-4)).toBe("0d0a");
    expect(reply(server, 3, "03 02 0007").slice(-4)).toBe("0d21");
    server.push(asciiFrame(3, parseHex("03 0000 0001"), 0x21));
    expect(heard).toEqual(["3: 0300000001"]);
    // One that is asked for by broadcast has no answer to wait for.
    server.setDelimiter(0x0a);
    server.push(asciiFrame(3, parseHex("03 0000 0001")));
    expect(heard).toHaveLength(2);
  });

  test("nothing is planned any more when the connection has ended", () => {
    const { server, time, heard } = line();
    server.push(rtu(3, "41 0102"));
    server.close();
    time.pass(1000);
    expect(heard).toEqual([]);
  });
});
