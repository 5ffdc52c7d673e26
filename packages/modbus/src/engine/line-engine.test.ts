import { asciiFrame, type ModbusErrorCode, parseHex, rtuFrame, toHex } from "@modwarden/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LineOptions, lineTiming } from "../link/line-timing.ts";
import { VirtualTimers } from "../testing/virtual-timers.ts";
import { LineEngine } from "./line-engine.ts";

const read = "03 0000 0001";
const bad = (code: ModbusErrorCode) => expect.objectContaining({ code });

/** An engine, what it wrote, and what became of its requests. */
function line(options: LineOptions = {}, framing: "rtu" | "ascii" = "rtu", onWrite?: (bytes: Uint8Array) => void) {
  const time = new VirtualTimers();
  const written: string[] = [];
  const outcomes: string[] = [];
  const engine = new LineEngine({
    framing,
    line: lineTiming(framing, undefined, { gapMs: 5, ...options }),
    functions: [],
    timeoutMs: 100,
    now: () => time.now(),
    write(bytes) {
      written.push(toHex(bytes));
      onWrite?.(bytes);
    },
    listener: {
      answered: (token, bytes, start, end, unit) =>
        outcomes.push(`${token} answered by ${unit}: ${toHex(bytes.slice(start, end))}`),
      timedOut: (token) => outcomes.push(`${token} timed out`),
      lost: (token) => outcomes.push(`${token} lost`),
      unsolicited: (_, late) => outcomes.push(late ? "late" : "unsolicited"),
      broken: () => outcomes.push("broken"),
    },
  });
  const send = (unit: number, pdu: string, token: number, timeoutMs?: number): number => {
    const bytes = parseHex(pdu);
    return engine.send(bytes, 0, bytes.length, unit, token, timeoutMs);
  };
  const hear = (unit: number, pdu: string): void => engine.receive(rtuFrame(unit, parseHex(pdu)));
  /** Time passes, and the engine looks whenever it asked to. */
  const pass = (ms: number): void => {
    const end = time.now() + ms;
    while (engine.nextDeadline <= end) {
      time.pass(Math.max(0, engine.nextDeadline - time.now()));
      engine.expire();
    }
    time.pass(end - time.now());
  };
  /** What happened since the last look. */
  const happened = (): string[] => outcomes.splice(0);
  return { engine, send, hear, pass, written, happened };
}

const framed = (unit: number, pdu: string): string => toHex(rtuFrame(unit, parseHex(pdu)));

describe("a line", () => {
  test("has one request open at a time, and takes its answer in pieces", () => {
    const { engine, send, written, happened } = line();
    send(5, read, 1);
    expect(written).toEqual([framed(5, read)]);
    expect([engine.hasRoom, engine.inFlight]).toEqual([false, 1]);
    expect(() => send(6, read, 2)).toThrow(bad("ERR_MODBUS_QUEUE_FULL"));
    for (const byte of rtuFrame(5, parseHex("03 02 0007"))) engine.receive(Uint8Array.of(byte));
    expect(happened()).toEqual(["1 answered by 5: 03020007"]);
    expect([engine.hasRoom, engine.inFlight, engine.nextDeadline]).toEqual([true, 0, Number.POSITIVE_INFINITY]);
  });

  test("hears nothing but the answer: neither other units, nor other functions, nor noise", () => {
    const { send, hear, engine, happened } = line();
    hear(5, "03 02 dead");
    send(5, read, 1);
    hear(6, "03 02 dead");
    hear(5, "04 02 dead");
    engine.receive(parseHex("00 ff 00"));
    expect(happened()).toEqual([]);
    hear(5, "03 02 0007");
    expect(happened()).toEqual(["1 answered by 5: 03020007"]);
    hear(5, "03 02 dead");
    expect(happened()).toEqual([]);
  });

  test("hands on an answer that does not fit, when nothing says that it is another's", () => {
    const { send, hear, happened } = line();
    send(5, read, 1);
    hear(5, "03 04 0007 0008");
    expect(happened()).toEqual(["1 answered by 5: 030400070008"]);
  });

  test("times out, and the answer that is late is for nobody", () => {
    const { send, hear, pass, happened } = line();
    send(5, read, 1);
    pass(99);
    expect(happened()).toEqual([]);
    pass(1);
    expect(happened()).toEqual(["1 timed out"]);
    hear(5, "03 02 dead");
    expect(happened()).toEqual(["late"]);
    send(5, read, 2);
    hear(5, "03 02 0007");
    expect(happened()).toEqual(["2 answered by 5: 03020007"]);
  });

  test("after a time-out holds what a late answer could be taken for, until that has come", () => {
    const { send, hear, pass, written, happened } = line();
    send(5, read, 1);
    pass(100);
    send(5, "03 0001 0001", 2);
    expect(written).toHaveLength(1);
    pass(60);
    hear(5, "03 02 dead");
    expect(happened()).toEqual(["1 timed out", "late"]);
    expect(written).toHaveLength(2);
    // Its own time begins when it is sent.
    pass(99);
    hear(5, "03 02 0007");
    expect(happened()).toEqual(["2 answered by 5: 03020007"]);
  });

  test("holds it no longer than it has waited already, and knows a late answer by its form then", () => {
    const { send, hear, pass, written, happened } = line();
    send(5, "10 0000 0001 02 0009", 1);
    pass(100);
    send(5, "10 0004 0001 02 0009", 2);
    pass(99);
    expect(written).toHaveLength(1);
    pass(1);
    expect(written).toHaveLength(2);
    hear(5, "10 0000 0001");
    expect(happened()).toEqual(["1 timed out", "late"]);
    hear(5, "10 0004 0001");
    expect(happened()).toEqual(["2 answered by 5: 1000040001"]);
  });

  test("sends at once what no late answer fits", () => {
    const { send, hear, pass, written, happened } = line();
    send(5, read, 1);
    pass(100);
    for (const [token, unit, pdu, answer] of [
      [2, 6, read, "03 02 0006"],
      [3, 5, "04 0000 0001", "04 02 0005"],
    ] as const) {
      send(unit, pdu, token);
      hear(5, "03 02 dead");
      hear(unit, answer);
      expect(happened().at(-1)).toBe(`${token} answered by ${unit}: ${answer.replaceAll(" ", "")}`);
    }
    expect(written).toHaveLength(3);
  });

  test("how long a late answer is waited for is an option", () => {
    const { send, pass, written } = line({ lateMs: 0 });
    send(5, read, 1);
    pass(100);
    send(5, read, 2);
    expect(written).toHaveLength(2);
  });

  test("is the device's until it has answered what its caller has given up", () => {
    const { engine, send, hear, pass, written, happened } = line();
    const given = send(5, read, 1);
    expect(engine.cancel(given)).toBe(true);
    expect(engine.cancel(given)).toBe(false);
    expect([engine.hasRoom, engine.inFlight]).toEqual([false, 0]);
    hear(5, "03 02 dead");
    expect(happened()).toEqual(["late"]);
    expect(engine.hasRoom).toBe(true);

    engine.cancel(send(5, read, 2));
    pass(100);
    expect(engine.hasRoom).toBe(true);
    // Given up while it is held: it has never been sent.
    engine.cancel(send(5, read, 3));
    expect(engine.hasRoom).toBe(true);
    expect(written).toHaveLength(2);
    expect(happened()).toEqual([]);
  });

  test("after a broadcast is left to the devices for the turnaround delay", () => {
    const { engine, send, hear, pass, written, happened } = line();
    send(0, "06 0001 0002", 1);
    expect(written).toEqual([framed(0, "06 0001 0002")]);
    hear(5, "06 0001 0002");
    pass(99);
    expect([engine.hasRoom, ...happened()]).toEqual([false]);
    pass(1);
    expect(happened()).toEqual(["1 answered by 0: "]);
    expect(engine.hasRoom).toBe(true);
    engine.cancel(send(0, "06 0001 0002", 2));
    expect(engine.hasRoom).toBe(false);
    pass(100);
    expect([engine.hasRoom, ...happened()]).toEqual([true]);
    for (const pdu of [read, "2b 0e 01 00", "07"]) {
      expect(() => send(0, pdu, 3)).toThrow(bad("ERR_MODBUS_BAD_VALUE"));
    }
  });

  test("silence ends an answer that does not tell its length", () => {
    const { send, hear, pass, happened } = line();
    send(5, "41 01", 1);
    hear(5, "41 02 03 04");
    pass(4.9);
    expect(happened()).toEqual([]);
    pass(0.1);
    expect(happened()).toEqual(["1 answered by 5: 41020304"]);
  });

  test("the time of the bytes at the speed of the line comes on top of a time-out", () => {
    const time = new VirtualTimers();
    const outcomes: number[] = [];
    const engine = new LineEngine({
      framing: "rtu",
      line: lineTiming("rtu", { baud: 1100, dataBits: 8, parity: "even", stopBits: 1 }),
      functions: [],
      timeoutMs: 100,
      now: () => time.now(),
      write: () => undefined,
      listener: {
        answered: () => undefined,
        timedOut: () => outcomes.push(time.now()),
        lost: () => undefined,
        unsolicited: () => undefined,
        broken: () => undefined,
      },
    });
    engine.send(parseHex(read), 0, 5, 5, 1);
    // A character takes 10 ms: silence, 8 bytes of request and 7 of its answer.
    expect(engine.nextDeadline).toBeCloseTo(35 + 80 + 70 + 100);
  });

  test("drop loses what is open, once, and nothing is sent any more", () => {
    const { engine, send, hear, happened } = line();
    send(5, read, 1);
    engine.drop();
    engine.drop();
    hear(5, "03 02 0007");
    engine.expire();
    expect(happened()).toEqual(["1 lost"]);
    expect([engine.hasRoom, engine.inFlight, engine.nextDeadline]).toEqual([false, 0, Number.POSITIVE_INFINITY]);
    expect(() => send(5, read, 2)).toThrow(bad("ERR_MODBUS_CLOSED"));
  });

  test("ASCII frames end as function 8 has set it, once the devices have said so", () => {
    const { engine, send, written, happened } = line({}, "ascii");
    const change = parseHex("08 0003 2100");
    send(5, "08 0003 2100", 1);
    engine.receive(asciiFrame(5, change));
    expect(happened()).toEqual(["1 answered by 5: 0800032100"]);
    send(5, read, 2);
    expect(written[1]!.slice(-4)).toBe("0d21");
    engine.receive(asciiFrame(5, parseHex("03 02 0007"), 0x21));
    expect(happened()).toEqual(["2 answered by 5: 03020007"]);
  });

  test("every request ends once, and never with another's answer, whatever is late", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("ask" as const), unit: fc.integer({ min: 1, max: 2 }), late: fc.nat(260) }),
      fc.record({ do: fc.constant("pass" as const), ms: fc.nat(150) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const seen = new Map<number, string>();
        const lateness: number[] = [];
        const coming: { readonly at: number; readonly unit: number; readonly value: number }[] = [];
        let now = 0;
        // The address says which request it is. An answer comes so long after its request has been sent.
        const { engine, send, hear, pass, happened } = line({}, "rtu", (bytes) => {
          const late = lateness[bytes[3]!]!;
          // A device that is later than twice the time-out cannot be told from one that is in time.
          if (late < 200) coming.push({ at: now + late, unit: bytes[0]!, value: bytes[3]! });
        });
        const advance = (ms: number): void => {
          const end = now + ms;
          while (now < end) {
            // A step at a time, so that the moment of what is sent on the way is known.
            pass(1);
            now += 1;
            for (const one of coming.filter(({ at }) => at <= now)) {
              coming.splice(coming.indexOf(one), 1);
              hear(one.unit, `03 02 00${one.value.toString(16).padStart(2, "0")}`);
            }
          }
          for (const outcome of happened()) {
            const [which, ...rest] = outcome.split(" ");
            if (which === "late") continue;
            expect(seen.has(Number(which))).toBe(false);
            seen.set(Number(which), rest.join(" "));
          }
        };
        for (const one of steps) {
          if (one.do === "pass") {
            advance(one.ms);
          } else if (engine.hasRoom) {
            const token = lateness.push(one.late) - 1;
            send(one.unit, `03 00${token.toString(16).padStart(2, "0")} 0001`, token);
          }
        }
        advance(1000);
        expect(seen.size).toBe(lateness.length);
        for (const [which, outcome] of seen) {
          if (outcome.startsWith("answered")) {
            expect(outcome.endsWith(`: 0302${which.toString(16).padStart(4, "0")}`)).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
