import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { noReply, type RequestContext } from "./handler.ts";
import { Stations } from "./stations.ts";

/** A line with stations, driven as a server drives it. */
class Line {
  readonly stations = new Stations();
  readonly observer = this.stations.observer(true);
  delimiter = 10;

  constructor(...units: readonly number[]) {
    for (const unit of units) this.stations.at(unit);
  }

  /** A request of function 8 as a server takes it. Undefined: it was not answered. */
  diagnose(unit: number, subFunction: number, word = 0): number | undefined {
    const pdu = Uint8Array.of(8, subFunction >>> 8, subFunction & 0xff, word >>> 8, word & 0xff);
    this.observer.heard(unit);
    this.observer.request(unit, 8);
    if (this.stations.mutes(unit, unit === 0, pdu, 0, pdu.length)) {
      this.observer.silent(unit, 8);
      return undefined;
    }
    const request = { kind: "diagnostics", subFunction, data: pdu.slice(3) } as const;
    const answer = this.stations.answer(request, this.#context(unit));
    if (answer === noReply) {
      this.observer.silent(unit, 8);
      return undefined;
    }
    this.observer.answered(unit, 8);
    if (!("data" in answer)) throw new Error("not an answer of function 8");
    return (answer.data[0]! << 8) | answer.data[1]!;
  }

  /** A request that the handler answers, or ends as an exception. */
  command(unit: number, functionCode = 6, exception = 0): void {
    this.observer.heard(unit);
    this.observer.request(unit, functionCode);
    if (this.stations.mutes(unit, unit === 0, Uint8Array.of(functionCode), 0, 1)) {
      this.observer.silent(unit, functionCode);
      return;
    }
    if (exception > 0) this.observer.exception(unit, functionCode, exception);
    if (unit === 0) this.observer.silent(unit, functionCode);
    else if (exception === 0) this.observer.answered(unit, functionCode);
  }

  counts(unit: number): readonly number[] {
    return Object.values(this.stations.at(unit).counters);
  }

  events(unit: number): readonly number[] {
    return [...this.stations.at(unit).events];
  }

  #context(unit: number): RequestContext {
    return {
      unit,
      broadcast: unit === 0,
      transport: "rtu",
      peer: "test",
      certificate: undefined,
      role: null,
      roleProblem: undefined,
      signal: new AbortController().signal,
      setDelimiter: (character) => {
        this.delimiter = character;
      },
      disconnect: () => undefined,
    };
  }
}

let line: Line;
beforeEach(() => {
  line = new Line(1, 2);
});

describe("the counters", () => {
  //                    bus, errors, exceptions, server, no response, nak, busy, overrun
  test("of a device that is asked, and of one that hears it", () => {
    line.command(1);
    expect(line.counts(1)).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    expect(line.counts(2)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("of a message for nobody here, of damage, and of characters too fast", () => {
    line.observer.heard(9);
    line.observer.damaged();
    line.observer.overrun();
    for (const unit of [1, 2]) expect(line.counts(unit)).toEqual([1, 1, 0, 0, 0, 0, 0, 1]);
  });

  test("of exceptions: all, busy, negative acknowledge", () => {
    for (const exception of [1, 2, 6, 7]) line.command(1, 6, exception);
    expect(line.counts(1)).toEqual([4, 0, 4, 4, 0, 1, 1, 0]);
  });

  test("of broadcasts, which nobody answers, also where they are exceptions", () => {
    line.command(0);
    line.command(0, 6, 2);
    for (const unit of [1, 2]) expect(line.counts(unit)).toEqual([2, 0, 1, 2, 2, 0, 0, 0]);
  });

  test("are read with 8/11 to 8/18, the reading request included", () => {
    line.observer.damaged();
    line.observer.overrun();
    line.command(0);
    line.command(1, 6, 6);
    line.command(1, 6, 7);
    expect([11, 12, 13, 14, 15, 16, 17, 18].map((sub) => line.diagnose(1, sub))).toEqual([4, 1, 2, 7, 1, 1, 1, 1]);
  });

  test("run over after sixteen bits", () => {
    for (let count = 0; count < 65_536; count += 1) line.observer.heard(9);
    expect(line.counts(1)[0]).toBe(0);
  });

  test("are cleared with the diagnostic register, and the overruns alone", () => {
    const station = line.stations.at(1);
    station.diagnosticRegister = 0x1_8001;
    expect(line.diagnose(1, 2)).toBe(0x8001);
    line.observer.overrun();
    line.observer.damaged();
    expect(line.diagnose(1, 20)).toBe(0);
    expect(station.counters).toMatchObject({ busCharacterOverruns: 0, busCommunicationErrors: 1, serverMessages: 2 });
    expect(line.diagnose(1, 10)).toBe(0);
    expect(line.counts(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([station.diagnosticRegister, station.eventCount]).toEqual([0, 0]);
  });
});

describe("events", () => {
  test("are commands that were carried out, not exceptions and not the reading of their number", () => {
    line.command(1);
    line.command(1, 6, 2);
    line.command(1, 11);
    line.command(0);
    expect(line.stations.at(1).eventCount).toBe(2);
  });

  test("are logged when a message has come and when it has been dealt with, the newest first", () => {
    line.command(1);
    expect(line.events(1)).toEqual([0x40, 0x80]);
    line.command(0);
    expect(line.events(1).slice(0, 2)).toEqual([0x40, 0xc0]);
    line.observer.damaged();
    line.observer.overrun();
    expect(line.events(2).slice(0, 2)).toEqual([0x90, 0x82]);
  });

  test.each([
    [1, 0x41],
    [3, 0x41],
    [4, 0x42],
    [5, 0x44],
    [6, 0x44],
    [7, 0x48],
    [10, 0x40],
  ])("exception %d is told by %d", (exception, event) => {
    line.command(1, 6, exception);
    expect(line.events(1)).toEqual([event, 0x80]);
  });

  test("are 64, the oldest goes", () => {
    for (let count = 0; count < 40; count += 1) line.command(1);
    line.diagnose(1, 4);
    expect(line.events(1)).toHaveLength(64);
    expect(line.events(1)[0]).toBe(0x04);
  });
});

describe("listen-only", () => {
  test("is not answered; then nothing is done or answered, but all of it heard", () => {
    expect(line.diagnose(1, 4)).toBeUndefined();
    expect(line.stations.at(1).listenOnly).toBe(true);
    expect(line.events(1)).toEqual([0x04, 0x40, 0x80]);
    expect(line.diagnose(1, 11)).toBeUndefined();
    line.command(1);
    expect(line.counts(1)).toEqual([3, 0, 0, 3, 3, 0, 0, 0]);
    expect(line.events(1).slice(0, 2)).toEqual([0x60, 0xa0]);
    expect(line.stations.at(1).eventCount).toBe(0);
    // Its neighbour is no part of it.
    expect(line.diagnose(2, 11)).toBe(4);
  });

  test("ends with a restart only, which is not answered either", () => {
    line.diagnose(1, 4);
    expect(line.diagnose(1, 10)).toBeUndefined();
    expect(line.diagnose(1, 1, 0x0001)).toBeUndefined();
    expect(line.stations.at(1).listenOnly).toBe(true);
    expect(line.diagnose(1, 1)).toBeUndefined();
    expect(line.stations.at(1).listenOnly).toBe(false);
    expect(line.counts(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(line.diagnose(1, 11)).toBe(1);
  });

  test("a broadcast is for the others only, unless it is the restart", () => {
    line.diagnose(1, 4);
    line.stations.at(1).diagnosticRegister = 3;
    line.stations.at(2).diagnosticRegister = 3;
    line.diagnose(0, 10);
    expect([1, 2].map((unit) => line.stations.at(unit).diagnosticRegister)).toEqual([3, 0]);
    line.diagnose(0, 1);
    expect(line.stations.at(1).listenOnly).toBe(false);
  });

  test("may be asked of all, and ended for all", () => {
    line.diagnose(0, 4);
    expect([1, 2].map((unit) => line.stations.at(unit).listenOnly)).toEqual([true, true]);
    line.diagnose(0, 1, 0xff00);
    expect([1, 2].map((unit) => line.stations.at(unit).listenOnly)).toEqual([false, false]);
  });
});

describe("a restart", () => {
  test("is answered before it happens, and leaves the log", () => {
    line.command(1);
    expect(line.diagnose(1, 1)).toBe(0);
    expect(line.counts(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(line.stations.at(1).eventCount).toBe(0);
    expect(line.events(1)).toEqual([0x00, 0x40, 0x80, 0x40, 0x80]);
  });

  test("clears the log when it is asked to", () => {
    line.command(1);
    expect(line.diagnose(1, 1, 0xff00)).toBe(0xff00);
    expect(line.events(1)).toEqual([0x00]);
  });
});

test("the delimiter changes when the answer is out", () => {
  expect(line.diagnose(1, 3, 0x2100)).toBe(0x2100);
  expect(line.delimiter).toBe(0x21);
});

test("functions 11 and 12 tell what has been counted, and whether the device is busy", () => {
  line.command(1);
  const context = { unit: 1, broadcast: false } as RequestContext;
  expect(line.stations.answer({ kind: "get-comm-event-counter" }, context)).toMatchObject({ status: 0, eventCount: 1 });
  line.stations.at(1).busy = true;
  expect(line.stations.answer({ kind: "get-comm-event-log" }, context)).toEqual({
    kind: "get-comm-event-log",
    status: 0xffff,
    eventCount: 1,
    messageCount: 1,
    events: Uint8Array.of(0x40, 0x80),
  });
});

test("elsewhere than on a line each message is for the unit it names, 0 included", () => {
  const stations = new Stations();
  const observer = stations.observer(false);
  observer.request(0, 6);
  observer.answered(0, 6);
  observer.request(5, 6);
  observer.silent(5, 6);
  expect(Object.values(stations.at(0).counters)).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  expect(Object.values(stations.at(5).counters)).toEqual([1, 0, 0, 1, 1, 0, 0, 0]);
  expect([...stations.at(0).events]).toEqual([0x40, 0x80]);
});

test("whatever happens on a line, the sums hold", () => {
  const happening = fc.record({
    unit: fc.constantFrom(0, 1, 2, 9),
    exception: fc.constantFrom(0, 0, 0, 2, 6),
    command: fc.constantFrom("damage", "write", "write", "listen", "restart"),
  });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      const one = new Line(1, 2);
      for (const { unit, exception, command } of happenings) {
        if (command === "damage") one.observer.damaged();
        else if (unit === 9) one.observer.heard(9);
        else if (command === "write") one.command(unit, 6, exception);
        else one.diagnose(unit, command === "listen" ? 4 : 1);
      }
      for (const unit of [1, 2]) {
        const { counters, eventCount, events, listenOnly } = one.stations.at(unit);
        expect(counters.serverMessages).toBeLessThanOrEqual(counters.busMessages);
        // Every message is answered with a command carried out, with an exception, or not at all.
        expect(eventCount).toBeLessThanOrEqual(counters.serverMessages - counters.busExceptionErrors);
        expect(counters.serverMessages).toBeLessThanOrEqual(
          eventCount + counters.busExceptionErrors + counters.serverNoResponses,
        );
        if (listenOnly) expect(events).toContain(0x04);
      }
    }),
  );
});
