import type { Access } from "@modwarden/access";
import { type Profile, readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type StateChange, StateWatch } from "./state-watch.ts";

const profile: Profile = readProfile(
  `
profile: 1
device: { vendor: V, model: M, kind: drive, source: "s", verified: docs }
blocks: [ { table: holding, address: 0, count: 100 }, { table: coil, address: 0, count: 8 } ]
points:
  - { id: speed, table: holding, address: 0, type: u16, scale: 0.1, unit: Hz, expect: { deadband: 0.25 } }
  - { id: torque, table: holding, address: 1, type: s16, scale: -0.1, expect: { deadband: 1 } }
  - { id: power, table: holding, address: 2, type: f32, unit: W, expect: { deadband: 0.5 } }
  - { id: mode, table: holding, address: 4, type: u16, enum: { 1: on }, expect: { deadband: 5 } }
  - { id: low, table: holding, address: 2, type: u16, alias: true }
  - { id: run, table: coil, address: 1, type: bool }
`,
  "profile.yaml",
);

function watch(of?: Profile) {
  const changes: StateChange[] = [];
  const parts = { room: true, lost: 0 };
  const states = new StateWatch(of, {
    record: (change) => {
      if (parts.room) changes.push(change);
      return parts.room;
    },
    unwatched: (count) => {
      parts.lost += count;
    },
  });
  const take = (): StateChange[] => changes.splice(0);
  return { states, take, parts };
}

function words(value: number): [number, number] {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value);
  return [bytes.getUint16(0), bytes.getUint16(2)];
}

describe("registers without a point", () => {
  it("are recorded when first seen, and then when they change, those that follow each other together", () => {
    const { states, take } = watch();
    states.seen("holding", 10, [1, 2, 3, 4], 1);
    expect(take()).toEqual([{ table: "holding", address: 10, values: [1, 2, 3, 4], before: [null, null, null, null] }]);
    states.seen("holding", 10, [1, 2, 3, 4], 1);
    expect(take()).toEqual([]);
    states.seen("holding", 10, [9, 8, 3, 7], 1);
    expect(take()).toEqual([
      { table: "holding", address: 10, values: [9, 8], before: [1, 2] },
      { table: "holding", address: 13, values: [7], before: [4] },
    ]);
    states.seen("input", 10, [1], 1);
    expect(take()).toMatchObject([{ table: "input", before: [null] }]);
  });

  it("are followed across the pages they lie in, to the last address", () => {
    const { states, take } = watch();
    states.seen("holding", 254, [1, 1, 1, 1], 1);
    states.seen("holding", 254, [1, 1, 2, 2], 1);
    states.seen("holding", 65_534, [5, 6, 7], 1);
    expect(take().map(({ address, values }) => [address, values])).toEqual([
      [254, [1, 1, 1, 1]],
      [256, [2, 2]],
      [65_534, [5, 6]],
    ]);
  });
});

describe("a point", () => {
  it.each<[string, number, number[], number[], number[]]>([
    ["in whole steps", 0, [500], [502], [503]],
    ["with a negative scale", 1, [100], [110], [89]],
    ["in floating point, whatever its words", 2, words(100), words(100.5), words(99.4)],
    ["that became no number", 2, words(100), words(100.25), words(Number.NaN)],
  ])("%s is recorded beyond its dead band", (_name, address, first, within, beyond) => {
    const { states, take } = watch(profile);
    states.seen("holding", address, first, 1);
    expect(take()).toMatchObject([{ address, values: first, before: first.map(() => null) }]);
    states.seen("holding", address, within, 1);
    expect(take()).toEqual([]);
    states.seen("holding", address, beyond, 1);
    expect(take()).toMatchObject([{ address, values: beyond, before: first }]);
  });

  it("creeps away from what is on record, and is recorded when it is far enough from that", () => {
    const { states, take } = watch(profile);
    for (let value = 500; value <= 506; value += 1) states.seen("holding", 0, [value], 1);
    expect(take().map(({ values }) => values[0])).toEqual([500, 503, 506]);
  });

  it("has its name; one whose values have names has no dead band; of those that share registers it is the first", () => {
    const { states, take } = watch(profile);
    states.seen("holding", 0, [1, 2, ...words(3), 1, 77], 1);
    states.seen("coil", 0, [0, 1, 0], 1);
    expect(take().map(({ address, points, values }) => [address, points?.[0], values.length])).toEqual([
      [0, "speed", 1],
      [1, "torque", 1],
      [2, "power", 2],
      [4, "mode", 1],
      [5, undefined, 1],
      [0, undefined, 1],
      [1, "run", 1],
      [2, undefined, 1],
    ]);
    states.seen("holding", 4, [2], 1);
    expect(take()).toMatchObject([{ points: ["mode"], before: [1] }]);
  });

  it("of which only a part was read is that many registers", () => {
    const { states, take } = watch(profile);
    states.seen("holding", 3, [7], 1);
    states.seen("holding", 2, [6], 1);
    expect(take()).toEqual([
      { table: "holding", address: 3, values: [7], before: [null] },
      { table: "holding", address: 2, values: [6], before: [null] },
    ]);
    states.seen("holding", 2, words(3), 1);
    expect(take()).toMatchObject([{ points: ["power"], before: [6, 7] }]);
  });
});

describe("what another record has told", () => {
  const access: Access = {
    device: "d",
    unit: 1,
    table: "holding",
    address: 5,
    quantity: 2,
    write: true,
    values: [8, 9],
  };
  const written = (outcome: object, certain = true) => {
    const { states, take } = watch();
    states.seen("holding", 5, [1, 2], 1);
    states.told([access], { latencyUs: 1, ...outcome }, certain);
    take();
    return { states, take };
  };

  it("needs no record when it is read", () => {
    const { states, take } = written({});
    states.seen("holding", 5, [8, 9], 1);
    expect(take()).toEqual([]);
    states.seen("holding", 5, [8, 1], 1);
    expect(take()).toMatchObject([{ address: 6, values: [1], before: [9] }]);
  });

  it.each([
    ["that ended unknown", { result: "unknown", exception: 11 }, true],
    ["that the device refused", { exception: 4, from: "device" }, true],
    ["that crossed another", {}, false],
  ])("of a write %s leaves nothing on record", (_name, outcome, certain) => {
    const { states, take } = written(outcome, certain);
    states.seen("holding", 5, [1, 2], 1);
    expect(take()).toMatchObject([{ values: [1, 2], before: [null, null] }]);
  });

  it.each([
    ["was refused", { exception: 1 }],
    ["was not sent", { result: "closed" }],
  ])("changes nothing when the write %s", (_name, outcome) => {
    const { states, take } = written(outcome);
    states.seen("holding", 5, [1, 2], 1);
    expect(take()).toEqual([]);
  });

  it("may be what was read beside a write, and nothing of what is no register", () => {
    const { states, take } = watch();
    const read: Access = { ...access, address: 20, write: false };
    const { values: _values, ...masked } = access;
    states.told([read, { ...masked, mask: { and: 1, or: 2 } }], { latencyUs: 1, values: [3, 4] }, true);
    states.told([{ ...masked, table: null, quantity: 0 }], { latencyUs: 1 }, true);
    states.seen("holding", 20, [3, 4], 1);
    expect(take()).toEqual([]);
  });
});

describe("the bounds", () => {
  it("leave ten records to a point and minute, and say in the next how many changes were left out", () => {
    const { states, take, parts } = watch(profile);
    for (let count = 0; count < 30; count += 1) states.seen("holding", 0, [count * 10], 1);
    expect(take()).toHaveLength(10);
    // It stands where it stood last: the same again is no further change.
    states.seen("holding", 0, [290], 1);
    states.seen("holding", 0, [290], 2);
    expect(take()).toEqual([
      { table: "holding", address: 0, values: [290], points: ["speed"], before: [90], skipped: 20 },
    ]);
    states.seen("holding", 0, [290], 2);
    expect(take()).toEqual([]);
    expect(parts.lost).toBe(0);
  });

  it("hold for registers without a point, each by itself", () => {
    const { states, take } = watch();
    for (let count = 0; count < 15; count += 1) states.seen("holding", 0, [count, 7, 7], 1);
    expect(take()).toHaveLength(10);
    states.seen("holding", 0, [14, 8, 9], 1);
    expect(take()).toMatchObject([{ address: 1, values: [8, 9] }]);
    states.seen("holding", 0, [14, 5, 5], 2);
    expect(take()).toMatchObject([
      { address: 0, values: [14], before: [9], skipped: 5 },
      { address: 1, values: [5, 5] },
    ]);
  });

  it("leave 600 records to a device and minute; what was first seen meanwhile comes when there is place", () => {
    const { states, take } = watch();
    for (let address = 0; address < 1_400; address += 2) states.seen("holding", address, [1], 1);
    expect(take()).toHaveLength(600);
    for (let address = 1_200; address < 1_400; address += 2) states.seen("holding", address, [1], 2);
    const later = take();
    expect(later).toHaveLength(100);
    expect(later[0]).toMatchObject({ before: [null], skipped: 1 });
  });

  it("count what finds no room in the ring, and what is never recorded", () => {
    const { states, take, parts } = watch();
    states.seen("holding", 0, [1], 1);
    parts.room = false;
    states.seen("holding", 0, [2], 1);
    states.seen("holding", 0, [3], 1);
    states.close();
    expect(parts.lost).toBe(2);
    parts.room = true;
    states.seen("holding", 0, [3], 1);
    expect(take().at(-1)).toEqual({ table: "holding", address: 0, values: [3], before: [1], skipped: 2 });
  });

  it("end at 256 pages: further reads are counted", () => {
    const { states, take, parts } = watch();
    for (let page = 0; page < 256; page += 1) states.seen("holding", page * 256, [1], page);
    states.seen("input", 0, [1], 1);
    states.seen("input", 0, [2], 1);
    expect(take()).toHaveLength(256);
    expect(parts.lost).toBe(2);
  });
});
