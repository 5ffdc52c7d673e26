import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PollLine } from "../testing/poll-line.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { PollerOptions } from "./options.ts";
import type { PollPoint } from "./point.ts";
import { createPoller, type Poller } from "./poller.ts";

const register = (unit: number, address: number): PollPoint => ({
  id: `${unit}/${address}`,
  unit,
  table: "holding",
  address,
});

const units = (count: number): PollPoint[] => Array.from({ length: count }, (_, index) => register(index + 1, 7));

function setUp(points: readonly PollPoint[], options: PollerOptions = {}) {
  const clock = new VirtualClock();
  const line = new PollLine(clock);
  const poller = createPoller(line, { points, clock, ...options });
  return { clock, line, poller };
}

const bad = (poller: Poller): string[] =>
  poller
    .readings()
    .filter(({ quality }) => quality === "bad")
    .map(({ id }) => id);

describe("a unit that does not answer", () => {
  test("one of ten: the others keep their period, and it costs one time-out per back-off period", async () => {
    const { clock, line, poller } = setUp(units(10), { timeoutMs: 300 });
    poller.start();
    await clock.advance(10_000);
    line.silent.add(4);
    const before = line.asked.length;
    await clock.advance(120_000);
    for (const unit of [1, 2, 3, 5, 6, 7, 8, 9, 10]) {
      const times = line.times(unit);
      for (let second = 11; second <= 129; second++) {
        const turn = times.filter((at) => Math.floor(at / 1000) === second);
        expect(turn, `unit ${unit} in second ${second}`).toHaveLength(1);
      }
      const late = times.filter((at) => at % 1000 >= 400);
      expect(late).toEqual([]);
    }
    expect(bad(poller)).toEqual(["4/7"]);
    expect(poller.reading("4/7")).toMatchObject({ value: 7, quality: "bad", reason: "ERR_MODBUS_TIMEOUT" });
    // One, two, four … seconds, a minute at most: nine questions in two minutes and not 120.
    const asked = line.asked.slice(before).filter(({ unit }) => unit === 4);
    expect(asked.length).toBeGreaterThanOrEqual(6);
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(poller.counters.skipped).toBe(0);
  });

  test("is asked while nobody else has a turn", async () => {
    const { clock, line, poller } = setUp(units(3), { timeoutMs: 800 });
    line.silent.add(2);
    poller.start();
    await clock.advance(60_000);
    // The first question had nobody to make way for: nobody knew.
    for (const unit of [1, 3])
      expect(
        line
          .times(unit)
          .slice(2)
          .every((at) => at % 1000 <= 20),
      ).toBe(true);
    expect(line.times(2).length).toBeGreaterThanOrEqual(6);
  });

  test("is not forgotten on a bus that is never free, and nobody starves for it", async () => {
    // Nine points, a tenth of a second each, once a second; seven units are silent and cost a second each.
    const { clock, line, poller } = setUp(units(16), { backOff: { minMs: 2000, maxMs: 8000 } });
    line.answerMs = 110;
    for (const unit of [2, 4, 6, 8, 10, 12, 14]) line.silent.add(unit);
    poller.start();
    await clock.advance(300_000);
    for (const unit of [2, 4, 6, 8, 10, 12, 14]) {
      const times = line.times(unit);
      expect(times.length).toBeGreaterThanOrEqual(8);
      const pauses = times.slice(1).map((at, index) => at - times[index]!);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2000 + 1000);
    }
    // Everybody else waits for one silent unit at most, and then for each other.
    for (const unit of [1, 3, 5, 7, 9, 11, 13, 15, 16]) {
      const times = line.times(unit).slice(4);
      const pauses = times.slice(1).map((at, index) => at - times[index]!);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(1000 + 1000 + 9 * 110);
    }
  });

  test("is read anew, all of it, as soon as it answers again", async () => {
    const points = [register(1, 7), register(1, 100), { ...register(1, 200), everyMs: 60_000 }, register(2, 7)];
    const { clock, line, poller } = setUp(points);
    line.silent.add(1);
    poller.start();
    await clock.advance(20_000);
    expect(bad(poller)).toEqual(["1/7", "1/100", "1/200"]);
    line.silent.clear();
    await clock.advance(16_000);
    expect(bad(poller)).toEqual([]);
    const asked = line.asked.length;
    await clock.advance(10_000);
    expect(line.asked.length - asked).toBe(30);
  });

  test.each([10, 11])("a gateway that says exception %i means the same", async (exception) => {
    const { clock, line, poller } = setUp(units(2));
    line.exceptions.set(2, exception);
    poller.start();
    await clock.advance(60_000);
    expect(poller.reading("2/7")).toMatchObject({ quality: "bad", reason: "ERR_MODBUS_EXCEPTION", exception });
    expect(line.times(2).length).toBeLessThanOrEqual(7);
    expect(line.times(1)).toHaveLength(61);
  });

  test("is one sign of it when several of its reads were open, and counts once", async () => {
    const points = Array.from({ length: 8 }, (_, at) => register(4, 200 * at));
    const { clock, line, poller } = setUp(points, { outstanding: 8, timeoutMs: 300 });
    poller.start();
    await clock.advance(2500);
    line.silent.add(4);
    const before = line.times(4).length;
    await clock.advance(10_000);
    // Eight at once, and then one after a second, two, four …
    const later = line.times(4).slice(before + 8);
    expect(later.length).toBeGreaterThanOrEqual(3);
    expect(later[0]! - line.times(4)[before]!).toBeLessThan(2000);
  });

  test("is asked beside the others where several reads may be open", async () => {
    const { clock, line, poller } = setUp(units(4), { outstanding: 2 });
    line.silent.add(2);
    poller.start();
    await clock.advance(60_000);
    for (const unit of [1, 3, 4]) expect(line.times(unit).every((at) => at % 1000 <= 40)).toBe(true);
  });
});

test("a connection that is down is asked once a second, and every point says so", async () => {
  const { clock, line, poller } = setUp([...units(5), { ...register(1, 9), everyMs: 100 }]);
  poller.start();
  await clock.advance(3050);
  line.down = true;
  const before = line.asked.length;
  await clock.advance(10_000);
  expect(line.asked.length - before).toBeLessThanOrEqual(11);
  for (const reading of poller.readings()) {
    expect(reading).toMatchObject({ quality: "bad", reason: "ERR_MODBUS_NO_CONNECTION", value: expect.any(Number) });
  }
  line.down = false;
  await clock.advance(1100);
  expect(bad(poller)).toEqual([]);
});

test("a client that tells its state is asked as soon as it is connected", async () => {
  const { clock, line, poller } = setUp(units(3), { backOff: { minMs: 10_000 } });
  line.down = true;
  poller.start();
  await clock.advance(5500);
  expect(line.asked).toHaveLength(1);
  line.down = false;
  line.tell("connected");
  await clock.advance(40);
  expect(bad(poller)).toEqual([]);
  await poller.stop();
  const asked = line.asked.length;
  line.tell("connected");
  await clock.advance(100);
  expect(line.asked).toHaveLength(asked);
});

describe("a point that the device does not have", () => {
  const fleet = Array.from({ length: 100 }, (_, address) => register(1, address));

  test("is found, and the others keep going in as few reads as there can be", async () => {
    const { clock, line, poller } = setUp([...fleet, register(2, 7)]);
    line.missing.add("1:40");
    poller.start();
    await clock.advance(900);
    expect(bad(poller)).toEqual(["1/40"]);
    expect(poller.reading("1/40")).toMatchObject({ value: undefined, reason: "ERR_MODBUS_EXCEPTION", exception: 2 });
    // The whole, and two halves of each part that it was in.
    expect(line.times(1).length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(100)));
    expect(line.times(2)).toHaveLength(1);
    expect(poller.blocks.map(({ unit, address, quantity }) => [unit, address, quantity])).toEqual([
      [1, 0, 40],
      [1, 40, 1],
      [1, 41, 59],
      [2, 7, 1],
    ]);
    // It is asked less and less often.
    await clock.advance(120_000);
    expect(line.asked.filter(({ address, quantity }) => address === 40 && quantity === 1).length).toBeLessThan(12);
    line.missing.clear();
    await clock.advance(64_000);
    expect(bad(poller)).toEqual([]);
    expect(poller.blocks).toHaveLength(2);
  });

  test("a gap that cannot be read is not read any more", async () => {
    const { clock, line, poller } = setUp(
      [0, 1, 5, 6].map((address) => register(1, address)),
      { maxGap: 5 },
    );
    line.missing.add("1:3");
    poller.start();
    await clock.advance(900);
    expect(bad(poller)).toEqual([]);
    expect(poller.blocks.map(({ address, quantity }) => [address, quantity])).toEqual([
      [0, 2],
      [5, 2],
    ]);
    const before = line.asked.length;
    await clock.advance(10_000);
    expect(line.asked.length - before).toBe(20);
  });

  test("whatever is missing, every other point is good in the end, and a search is bounded", async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 }),
      fc.uniqueArray(fc.nat(60), { maxLength: 30 }),
      fc.nat(6),
      async (addresses, missing, maxGap) => {
        const { clock, line, poller } = setUp(
          addresses.map((address) => register(1, address)),
          { maxGap },
        );
        for (const address of missing) line.missing.add(`1:${address}`);
        line.answerMs = 1;
        poller.start();
        await clock.advance(3500);
        const wrong = addresses.filter((address) => missing.includes(address)).map((address) => `1/${address}`);
        expect(new Set(bad(poller))).toEqual(new Set(wrong));
        for (const { id, value, quality } of poller.readings()) {
          expect(value).toBe(quality === "bad" ? undefined : Number(id.slice(2)));
        }
        // A binary search asks for no part twice.
        expect(line.asked.length).toBeLessThanOrEqual(8 * addresses.length + 8);
        const before = line.asked.length;
        await clock.advance(1000);
        expect(line.asked.length - before).toBeLessThanOrEqual(poller.blocks.length);
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  test("a device that has none of three hundred points leaves the others their turns", async () => {
    const points = Array.from(
      { length: 300 },
      (_, address): PollPoint => ({
        id: `${address}`,
        unit: 1,
        table: "coil",
        address,
      }),
    );
    const { clock, line, poller } = setUp([...points, register(2, 7)]);
    line.answerMs = 10;
    for (const { address } of points) line.missing.add(`1:${address}`);
    poller.start();
    await clock.advance(60_000);
    expect(bad(poller)).toHaveLength(300);
    expect(poller.reading("2/7")).toMatchObject({ quality: "good" });
    expect(line.times(2).length).toBeGreaterThanOrEqual(59);
    expect(line.asked.length).toBeLessThan(3000);
  });

  test("a failure that says nothing of addresses is not searched for", async () => {
    const { clock, line, poller } = setUp(fleet);
    line.exceptions.set(1, 4);
    poller.start();
    await clock.advance(5500);
    expect(line.asked).toHaveLength(6);
    expect(bad(poller)).toHaveLength(100);
  });
});
