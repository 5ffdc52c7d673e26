import { parseHex, toHex } from "@modwarden/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adu, join } from "../testing/adu.ts";
import { TransactionEngine } from "./engine.ts";

type Event =
  | readonly ["answered", number, string, number]
  | readonly ["timedOut" | "lost", number]
  | readonly ["unsolicited", number, boolean]
  | readonly ["broken", string];

/** An engine with a clock in hand, everything it writes and everything it says. */
function bench(outstanding = 1, timeoutMs = 100) {
  const clock = { now: 1000 };
  const written: Uint8Array[] = [];
  const events: Event[] = [];
  const engine = new TransactionEngine({
    outstanding,
    timeoutMs,
    now: () => clock.now,
    write: (bytes) => written.push(bytes),
    listener: {
      answered: (token, bytes, start, end, unit) =>
        events.push(["answered", token, toHex(bytes.slice(start, end)), unit]),
      timedOut: (token) => events.push(["timedOut", token]),
      lost: (token) => events.push(["lost", token]),
      unsolicited: (transaction, late) => events.push(["unsolicited", transaction, late]),
      broken: (error) => events.push(["broken", error.code]),
    },
  });
  const pdu = parseHex("03 0000 0001");
  const send = (token: number, unit = 1, timeout?: number): number =>
    engine.send(pdu, 0, pdu.length, unit, token, timeout);
  return { clock, written, events, engine, send };
}

const answer = "03 02 0011";

describe("TransactionEngine", () => {
  test("writes one ADU per request and hands the response PDU to the token", () => {
    const { engine, events, written, send } = bench(2);
    expect(send(7, 3)).toBe(0);
    expect(send(8, 4)).toBe(1);
    //                                      tx id | proto | length | unit | fc | address | quantity
    expect(written.map(toHex)).toEqual(["000000000006" + "03" + "0300000001", "000100000006" + "04" + "0300000001"]);
    engine.receive(join(adu(1, 4, answer), adu(0, 3, answer)));
    expect(events).toEqual([
      ["answered", 8, "03020011", 4],
      ["answered", 7, "03020011", 3],
    ]);
    expect(engine.inFlight).toBe(0);
  });

  test("sends the bytes between its offsets", () => {
    const { engine, written } = bench();
    engine.send(parseHex("ffff 0711 ffff"), 2, 4, 1, 0);
    expect(toHex(written[0]!.subarray(7))).toBe("0711");
  });

  test("what was written stays as it was when more is sent", () => {
    const { engine, written, send } = bench(1);
    for (let token = 0; token < 2000; token += 1) engine.receive(adu(send(token), 1, answer));
    for (const [index, bytes] of written.entries()) expect((bytes[0]! << 8) | bytes[1]!).toBe(index);
  });

  test("refuses what has no room, no sense or no connection", () => {
    const { engine, send } = bench(1);
    const refused = (code: string, call: () => unknown): void =>
      expect(call).toThrow(expect.objectContaining({ code }));
    refused("ERR_MODBUS_BAD_VALUE", () => send(1, 256));
    refused("ERR_MODBUS_BAD_VALUE", () => send(1, 1, 0));
    refused("ERR_MODBUS_BAD_VALUE", () => send(1, 1, Number.NaN));
    refused("ERR_MODBUS_BAD_VALUE", () => engine.send(new Uint8Array(254), 0, 254, 1, 1));
    refused("ERR_MODBUS_BAD_VALUE", () => engine.send(new Uint8Array(0), 0, 0, 1, 1));
    expect(engine.inFlight).toBe(0);
    send(1);
    expect(engine.hasRoom).toBe(false);
    refused("ERR_MODBUS_QUEUE_FULL", () => send(2));
    engine.drop();
    refused("ERR_MODBUS_CLOSED", () => send(3));
    for (const outstanding of [0, 1.5, 1025]) refused("ERR_MODBUS_BAD_VALUE", () => bench(outstanding));
  });

  test("times out what is due, each by its own deadline", () => {
    const { clock, engine, events, send } = bench(3, 100);
    send(1);
    send(2, 1, 30);
    send(3, 1, 500);
    expect(engine.nextDeadline).toBe(1030);
    clock.now = 1029;
    engine.expire();
    expect(events).toEqual([]);
    clock.now = 1100;
    engine.expire();
    expect(events).toEqual([
      ["timedOut", 1],
      ["timedOut", 2],
    ]);
    expect(engine.inFlight).toBe(1);
    expect(engine.nextDeadline).toBe(1500);
    clock.now = 1500;
    engine.expire();
    expect(events.at(-1)).toEqual(["timedOut", 3]);
    expect(engine.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  test("a late answer is nobody's, and a second one of the same id is unknown", () => {
    const { clock, engine, events, send } = bench();
    const first = send(1);
    clock.now += 100;
    engine.expire();
    const second = send(2);
    events.length = 0;
    engine.receive(join(adu(first, 1, answer), adu(first, 1, answer), adu(second, 1, answer), adu(second, 1, answer)));
    expect(events).toEqual([
      ["unsolicited", first, true],
      ["unsolicited", first, false],
      ["answered", 2, "03020011", 1],
      ["unsolicited", second, false],
    ]);
  });

  test("a cancelled transaction makes room and says nothing; its answer is late", () => {
    const { engine, events, send } = bench();
    const first = send(1);
    expect(engine.cancel(first)).toBe(true);
    expect(engine.cancel(first)).toBe(false);
    expect(engine.hasRoom).toBe(true);
    engine.receive(adu(first, 1, answer));
    expect(events).toEqual([["unsolicited", first, true]]);
  });

  /** Sends and answers as many requests as there are ids, and more. Returns the ids that were used. */
  function goRound({ engine, send }: ReturnType<typeof bench>, count: number): Set<number> {
    const seen = new Set<number>();
    const reply = adu(0, 1, answer);
    for (let token = 0; token < count; token += 1) {
      const id = send(token);
      seen.add(id);
      reply[0] = id >>> 8;
      reply[1] = id;
      engine.receive(reply);
    }
    return seen;
  }

  test("ids wrap around, never onto one that is open", () => {
    const running = bench(2, 1_000_000);
    const { engine, events, send } = running;
    const slow = send(-1);
    // Every id whose place in the tables the open one does not take is used.
    expect(goRound(running, 70_000).size).toBe(65_536 - 65_536 / 256);
    events.length = 0;
    engine.receive(adu(slow, 1, answer));
    expect(events).toEqual([["answered", -1, "03020011", 1]]);
  });

  test("an id whose answer is late does not come again before it, even when all have gone round", () => {
    const running = bench(2, 1_000_000);
    const { engine, events, send } = running;
    const given = send(-1);
    engine.cancel(given);
    expect(goRound(running, 70_000).has(given)).toBe(false);
    events.length = 0;
    engine.receive(adu(given, 1, answer));
    expect(events).toEqual([["unsolicited", given, true]]);
    expect(goRound(running, 65_536).has(given)).toBe(true);
  });

  test("a device that answers nothing does not use the ids up", () => {
    const { engine, send } = bench(1, 1_000_000);
    for (let token = 0; token < 70_000; token += 1) engine.cancel(send(token));
    const id = send(1);
    expect(engine.cancel(id)).toBe(true);
  });

  test("drop loses every open request once, and nothing is heard afterwards", () => {
    const { engine, events, send } = bench(3);
    const ids = [send(1), send(2), send(3)];
    engine.receive(adu(ids[1]!, 1, answer));
    engine.drop();
    engine.drop();
    engine.receive(adu(ids[0]!, 1, answer));
    engine.expire();
    expect(events).toEqual([
      ["answered", 2, "03020011", 1],
      ["lost", 1],
      ["lost", 3],
    ]);
    expect(engine.hasRoom).toBe(false);
  });

  test("a frame that cannot be one breaks the stream once; the open requests are lost with the connection", () => {
    const { engine, events, send } = bench(2);
    const id = send(1);
    send(2);
    engine.receive(join(adu(id, 1, answer), parseHex("0001 0001 0003 01 0302")));
    engine.receive(adu(1, 1, answer));
    expect(events).toEqual([
      ["answered", 1, "03020011", 1],
      ["broken", "ERR_MODBUS_BAD_FRAME"],
    ]);
    engine.drop();
    expect(events.at(-1)).toEqual(["lost", 2]);
  });

  test("the listener may send, cancel and drop from inside its calls", () => {
    const clock = { now: 0 };
    const log: string[] = [];
    const pdu = parseHex("07");
    const engine: TransactionEngine = new TransactionEngine({
      outstanding: 2,
      timeoutMs: 10,
      now: () => clock.now,
      write: () => undefined,
      listener: {
        answered: (token) => {
          log.push(`answered ${token}`);
          engine.drop();
        },
        timedOut: (token) => {
          log.push(`timedOut ${token}`);
          if (token < 3) engine.send(pdu, 0, 1, 1, token + 2);
        },
        lost: (token) => log.push(`lost ${token}`),
        unsolicited: () => log.push("unsolicited"),
        broken: () => log.push("broken"),
      },
    });
    engine.send(pdu, 0, 1, 1, 1);
    engine.send(pdu, 0, 1, 1, 2);
    clock.now = 10;
    engine.expire();
    expect(log).toEqual(["timedOut 1", "timedOut 2"]);
    expect(engine.inFlight).toBe(2);
    expect(engine.nextDeadline).toBe(20);
    engine.receive(join(adu(2, 1, "0700"), adu(3, 1, "0700")));
    expect(log.slice(2)).toEqual(["answered 3", "lost 4"]);
  });

  test("every request ends exactly once, whatever happens in whatever order", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant("send" as const), timeout: fc.integer({ min: 1, max: 50 }) }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), pick: fc.nat(), cut: fc.nat(12) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("stray" as const), id: fc.nat(65_535) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), pick: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (outstanding, steps) => {
        const { clock, engine, events, send } = bench(outstanding);
        const sent: number[] = [];
        const cancelled = new Set<number>();
        for (const action of steps) {
          if (action.do === "send" && engine.hasRoom) sent.push(send(sent.length, 1, action.timeout));
          else if (action.do === "answer" && sent.length > 0) {
            const frame = adu(sent[action.pick % sent.length]!, 1, answer);
            engine.receive(frame.subarray(0, action.cut % frame.length));
            engine.receive(frame.subarray(action.cut % frame.length));
          } else if (action.do === "stray") engine.receive(adu(action.id, 1, answer));
          else if (action.do === "wait") {
            clock.now += action.ms;
            engine.expire();
          } else if (action.do === "cancel" && sent.length > 0) {
            const token = action.pick % sent.length;
            if (engine.cancel(sent[token]!)) cancelled.add(token);
          }
          expect(engine.inFlight).toBeLessThanOrEqual(outstanding);
        }
        engine.drop();
        expect(engine.inFlight).toBe(0);
        const ended = events.filter(
          (event) => event[0] === "answered" || event[0] === "timedOut" || event[0] === "lost",
        );
        const tokens = [...ended.map((event) => event[1]), ...cancelled].sort(
          (left, right) => Number(left) - Number(right),
        );
        expect(tokens).toEqual(sent.map((_, token) => token));
      }),
    );
  });
});
