import { describe, expect, test } from "vitest";
import { PollLine } from "../testing/poll-line.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { Reading } from "./item.ts";
import type { PollerOptions } from "./options.ts";
import type { PollPoint, PollRange } from "./point.ts";
import { createPoller, type Poller } from "./poller.ts";

function setUp(points: readonly (PollPoint | PollRange)[], options: PollerOptions = {}) {
  const clock = new VirtualClock();
  const line = new PollLine(clock);
  const poller = createPoller(line, { points, clock, ...options });
  return { clock, line, poller };
}

/** A holding register of a unit. */
const register = (unit: number, address: number): PollPoint => ({
  id: `${unit}/${address}`,
  unit,
  table: "holding",
  address,
});

const qualities = (poller: Poller): Record<string, string> =>
  Object.fromEntries(poller.readings().map(({ id, quality }) => [id, quality]));

describe("values", () => {
  test("points and ranges of every table come from as few reads as can be", async () => {
    const { clock, line, poller } = setUp(
      [
        { id: "speed", unit: 1, table: "holding", address: 10 },
        { id: "energy", unit: 1, table: "holding", address: 11, type: "u32", order: "CDAB" },
        { id: "far", unit: 1, table: "holding", address: 15, type: "s16" },
        { id: "block", unit: 1, table: "input", address: 100, quantity: 3 },
        { id: "running", unit: 1, table: "coil", address: 7 },
        { id: "doors", unit: 1, table: "discrete", address: 2, quantity: 2 },
        { id: "other", unit: 2, table: "holding", address: 13 },
      ],
      { maxGap: 2 },
    );
    poller.start();
    await clock.advance(500);
    expect(line.asked.map(({ unit, table, address, quantity }) => [unit, table, address, quantity])).toEqual([
      [1, "holding", 10, 6],
      [1, "input", 100, 3],
      [1, "coil", 7, 1],
      [1, "discrete", 2, 2],
      [2, "holding", 13, 1],
    ]);
    expect(poller.blocks[0]).toEqual({
      client: undefined,
      unit: 1,
      table: "holding",
      address: 10,
      quantity: 6,
      everyMs: 1000,
      ids: ["speed", "energy", "far"],
    });
    expect(Object.fromEntries(poller.readings().map(({ id, value }) => [id, value]))).toEqual({
      speed: 10,
      energy: 12 * 65_536 + 11,
      far: 15,
      block: Uint16Array.of(100, 101, 102),
      running: true,
      doors: [false, true],
      other: 13,
    });
    expect(poller.reading("speed")).toEqual({
      id: "speed",
      value: 10,
      quality: "good",
      reason: undefined,
      exception: undefined,
      ageMs: 490,
    });
    expect(poller.reading("nobody")).toBeUndefined();
  });

  test("a range longer than a read is put together again, and is good when all of it is", async () => {
    const { clock, line, poller } = setUp([{ id: "all", unit: 1, table: "holding", address: 0, quantity: 300 }]);
    line.missing.add("1:299");
    poller.start();
    await clock.advance(100);
    expect(poller.reading("all")).toMatchObject({ value: undefined, quality: "bad", exception: 2, ageMs: undefined });
    line.missing.clear();
    await clock.advance(3000);
    expect(line.asked.slice(0, 3).map(({ quantity }) => quantity)).toEqual([125, 125, 50]);
    expect(poller.reading("all")).toMatchObject({
      value: Uint16Array.from({ length: 300 }, (_, index) => index),
      quality: "good",
    });
  });

  test("a failure lets the value stand with its age, and says why", async () => {
    const { clock, line, poller } = setUp([register(1, 5)]);
    expect(poller.reading("1/5")).toMatchObject({ value: undefined, quality: "uncertain", reason: "pending" });
    poller.start();
    await clock.advance(100);
    line.exceptions.set(1, 4);
    await clock.advance(1000);
    expect(poller.reading("1/5")).toEqual({
      id: "1/5",
      value: 5,
      quality: "bad",
      reason: "ERR_MODBUS_EXCEPTION",
      exception: 4,
      ageMs: 1090,
    });
    line.exceptions.clear();
    await clock.advance(1000);
    expect(poller.reading("1/5")).toMatchObject({ value: 5, quality: "good", reason: undefined, ageMs: 90 });
  });

  test("what nobody reads any more becomes uncertain", async () => {
    const { clock, poller } = setUp([register(1, 5)]);
    poller.start();
    await clock.advance(100);
    await poller.stop();
    await clock.advance(2400);
    expect(poller.reading("1/5")).toMatchObject({ value: 5, quality: "good", ageMs: 2490 });
    await clock.advance(20);
    expect(poller.reading("1/5")).toMatchObject({ value: 5, quality: "uncertain", reason: "stale", ageMs: 2510 });
    expect(clock.timers).toBe(0);
  });

  test("registers that hold no BCD number are a failure, not a NaN", async () => {
    const { clock, line, poller } = setUp([{ id: "meter", unit: 1, table: "holding", address: 0x12, type: "bcd" }]);
    poller.start();
    await clock.advance(100);
    expect(poller.reading("meter")).toMatchObject({ value: 12, quality: "good" });
    line.offset = 0xa0;
    await clock.advance(1000);
    expect(poller.reading("meter")).toMatchObject({ value: 12, quality: "bad", reason: "ERR_MODBUS_BAD_RESPONSE" });
  });

  test("readings belong to who gets them", async () => {
    const { clock, poller } = setUp([{ id: "block", unit: 1, table: "holding", address: 0, quantity: 2 }]);
    poller.start();
    await clock.advance(100);
    (poller.reading("block")!.value as Uint16Array).fill(9);
    expect(poller.reading("block")!.value).toEqual(Uint16Array.of(0, 1));
  });
});

describe("rhythm", () => {
  test("each rate keeps its own rhythm", async () => {
    const { clock, line, poller } = setUp([
      { ...register(1, 0), everyMs: 100 },
      { ...register(2, 0), everyMs: 250 },
    ]);
    poller.start();
    await clock.advance(1000);
    expect(line.times(1)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    expect(line.times(2)).toEqual([10, 250, 510, 750]);
    expect(poller.counters).toEqual({ requests: 15, failures: 0, skipped: 0, superseded: 0 });
  });

  test("a bus that is too slow leaves turns out and counts them, and serves everybody alike", async () => {
    const { clock, line, poller } = setUp([1, 2, 3].map((unit) => ({ ...register(unit, 0), everyMs: 100 })));
    line.answerMs = 100;
    poller.start();
    await clock.advance(6000);
    for (const unit of [1, 2, 3]) expect(line.times(unit).length).toBeGreaterThanOrEqual(19);
    expect(line.mostOpen).toBe(1);
    const { requests, skipped } = poller.counters;
    // Three points at ten turns a second for six seconds, less those at hand now.
    expect(requests + skipped).toBeGreaterThanOrEqual(3 * 60 - 6);
    expect(requests + skipped).toBeLessThanOrEqual(3 * 60 + 3);
  });

  test("several reads are open at one time where the client takes them", async () => {
    const { clock, line, poller } = setUp(
      [1, 2, 3, 4].map((unit) => register(unit, 0)),
      { outstanding: 3 },
    );
    poller.start();
    await clock.advance(100);
    expect(line.mostOpen).toBe(3);
    expect(line.asked.map(({ at }) => at)).toEqual([0, 0, 0, 10]);
  });

  test("each client has a queue of its own", async () => {
    const clock = new VirtualClock();
    const north = new PollLine(clock);
    const south = new PollLine(clock);
    north.silent.add(1);
    const poller = createPoller(
      { north, south },
      {
        clock,
        points: [
          { id: "a", client: "north", unit: 1, table: "holding", address: 0 },
          { id: "b", client: "south", unit: 1, table: "holding", address: 0 },
        ],
      },
    );
    poller.start();
    await clock.advance(5000);
    expect(south.times(1)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
    expect(qualities(poller)).toEqual({ a: "bad", b: "good" });
    expect(poller.blocks.map(({ client }) => client)).toEqual(["north", "south"]);
  });
});

describe("consumers", () => {
  test("a slow one gets the latest of each point, and what it missed is counted", async () => {
    const { clock, line, poller } = setUp([register(1, 5), register(2, 7)]);
    const updates = poller.updates();
    poller.start();
    await clock.advance(2500);
    line.offset = 100;
    await clock.advance(1000);
    const taken: (Reading | undefined)[] = [(await updates.next()).value, (await updates.next()).value];
    expect(taken.map((reading) => [reading?.id, reading?.value])).toEqual([
      ["1/5", 105],
      ["2/7", 107],
    ]);
    expect(poller.counters.superseded).toBe(6);
    const next = updates.next();
    await clock.advance(1000);
    expect((await next).value?.id).toBe("1/5");
    await poller[Symbol.asyncDispose]();
    const rest: string[] = [];
    for await (const { id } of updates) rest.push(id);
    expect(rest).toEqual(["2/7"]);
  });

  test("a listener is called for every reading, and its faults are its own", async () => {
    const heard: string[] = [];
    const warnings: string[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning.message);
    process.on("warning", onWarning);
    const { clock, poller } = setUp([register(1, 5)], {
      onReading: ({ id, quality }) => {
        heard.push(`${id} ${quality}`);
        throw new Error("the listener of this test fails");
      },
    });
    poller.start();
    await clock.advance(1500);
    process.off("warning", onWarning);
    expect(heard).toEqual(["1/5 good", "1/5 good"]);
    expect(warnings).toContain("the listener of this test fails");
  });

  test("leaving a loop ends it, and costs the poller nothing more", async () => {
    const { clock, poller } = setUp([register(1, 5)]);
    poller.start();
    const loop = (async () => {
      for await (const reading of poller.updates()) return reading.value;
      return undefined;
    })();
    await clock.advance(10_000);
    expect(await loop).toBe(5);
    expect(poller.counters.superseded).toBe(0);
  });
});

describe("its life", () => {
  test("points come and go while it runs", async () => {
    const { clock, line, poller } = setUp([register(1, 5)]);
    poller.start();
    await clock.advance(1500);
    poller.add(register(1, 6));
    await clock.advance(600);
    expect(qualities(poller)).toEqual({ "1/5": "good", "1/6": "good" });
    expect(line.asked.at(-1)).toMatchObject({ address: 5, quantity: 2 });
    expect(poller.remove("1/5")).toBe(true);
    expect(poller.remove("1/5")).toBe(false);
    await clock.advance(1000);
    expect(line.asked.at(-1)).toMatchObject({ address: 6, quantity: 1 });
    poller.remove("1/6");
    const asked = line.asked.length;
    await clock.advance(5000);
    expect(line.asked).toHaveLength(asked);
    expect(poller.readings()).toEqual([]);
    poller.add(register(3, 1));
    await clock.advance(100);
    expect(qualities(poller)).toEqual({ "3/1": "good" });
  });

  test("stop gives up what is in flight, start goes on", async () => {
    const { clock, line, poller } = setUp([register(1, 5)]);
    poller.start();
    poller.start();
    await clock.advance(5);
    expect(line.open).toBe(1);
    await poller.stop();
    expect(line.open).toBe(0);
    expect(poller.reading("1/5")).toMatchObject({ quality: "uncertain", reason: "pending" });
    await clock.advance(10_000);
    expect(line.asked).toHaveLength(1);
    poller.start();
    await clock.advance(100);
    expect(poller.reading("1/5")).toMatchObject({ quality: "good" });
    await poller.stop();
    expect(clock.timers).toBe(0);
  });

  test("a start right behind a stop reads anew", async () => {
    const { clock, line, poller } = setUp([register(1, 5)]);
    poller.start();
    await clock.advance(5);
    const stopped = poller.stop();
    poller.start();
    await clock.advance(100);
    await stopped;
    expect(poller.reading("1/5")).toMatchObject({ quality: "good" });
    expect(line.asked).toHaveLength(2);
  });

  test("a signal ends it for good", async () => {
    const controller = new AbortController();
    const { clock, line, poller } = setUp([register(1, 5)], { signal: controller.signal });
    poller.start();
    const updates = poller.updates();
    await clock.advance(5);
    controller.abort();
    await clock.advance(5000);
    expect(line.asked).toHaveLength(1);
    expect(await updates.next()).toEqual({ done: true, value: undefined });
    expect(() => poller.start()).toThrow(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }));
    expect(await poller.updates().next()).toEqual({ done: true, value: undefined });
    const born = setUp([], { signal: controller.signal }).poller;
    expect(() => born.start()).toThrow(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }));
  });
});

test("readings come in the order in which their points were added, whatever is read together", () => {
  const points = [register(1, 5), register(2, 0), register(1, 4), { ...register(2, 9), everyMs: 10 }, register(1, 3)];
  const { poller } = setUp(points);
  poller.add(register(2, 1));
  expect(poller.readings().map(({ id }) => id)).toEqual([...points.map(({ id }) => id), register(2, 1).id]);
});

describe("what cannot be kept is refused at once", () => {
  const bad = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
  test.each<[string, PollPoint | PollRange]>([
    ["a name twice", register(1, 5)],
    ["a unit beyond a byte", register(256, 1)],
    ["a table that is none", { ...register(1, 1), id: "x", table: "coils" as "coil" }],
    ["an address beyond the table", { ...register(1, 65_535), id: "x", type: "u32" }],
    ["text without a length", { ...register(1, 1), id: "x", type: "string" }],
    ["a coil with a type", { id: "x", unit: 1, table: "coil", address: 1, type: "u16" }],
    ["an order that is none", { ...register(1, 1), id: "x", type: "f32", order: "cdab" as "CDAB" }],
    ["a range with a type", { id: "x", unit: 1, table: "holding", address: 1, quantity: 4, type: "f32" } as PollRange],
    ["an empty range", { id: "x", unit: 1, table: "coil", address: 1, quantity: 0 }],
    ["a rate of nothing", { ...register(1, 1), id: "x", everyMs: 0 }],
    ["a client that is not there", { ...register(1, 1), id: "x", client: "north" }],
    ["a forbidden address", register(9, 20)],
    ["a value longer than a read of its device", { ...register(9, 1), type: "f64" }],
  ])("%s", async (_, point) => {
    const devices = [{ unit: 9, maxRegisters: 2, forbidden: [{ table: "holding" as const, address: 20 }] }];
    const { clock, line, poller } = setUp([register(1, 5)], { devices });
    expect(() => poller.add(point)).toThrow(bad);
    poller.start();
    await clock.advance(100);
    expect(poller.readings()).toHaveLength(1);
    expect(line.asked).toHaveLength(1);
  });

  test.each<[string, PollerOptions]>([
    ["maxRegisters", { maxRegisters: 126 }],
    ["maxBits", { maxBits: 0 }],
    ["maxGap", { maxGap: -1 }],
    ["outstanding", { outstanding: 0 }],
    ["backOff.minMs", { backOff: { minMs: 0 } }],
    ["backOff.maxMs", { backOff: { minMs: 5000, maxMs: 1000 } }],
    ["backOff.factor", { backOff: { factor: 0.5 } }],
    ["timeoutMs", { timeoutMs: -1 }],
    ["onReading", { onReading: "print" as never }],
    ["signal", { signal: {} as AbortSignal }],
    ["a device's timeoutMs", { devices: [{ unit: 7, timeoutMs: 0 }] }],
    ["a device's maxGap", { devices: [{ unit: 7, maxGap: -1 }] }],
    ["a device twice", { devices: [{ unit: 7 }, { unit: 7, maxGap: 2 }] }],
    ["a device of another client", { devices: [{ client: "north", unit: 1 }] }],
    ["a forbidden table", { devices: [{ unit: 7, forbidden: [{ table: "holdings" as "holding", address: 7 }] }] }],
    ["forbidden", { devices: [{ unit: 1, forbidden: [{ table: "holding", address: 7, quantity: 0 }] }] }],
  ])("%s", (_, options) => {
    const points = [register(1, 5), { id: "c", unit: 1, table: "coil" as const, address: 1 }];
    expect(() => setUp(points, options)).toThrow(bad);
  });
});
