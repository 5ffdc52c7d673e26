import { readFileSync, writeFileSync } from "node:fs";
import { openSidecar } from "@modwarden/store";
import { describe, expect, it } from "vitest";
import { at, type Happening, type History, history, rollup, seen, state, write } from "../testing/history.ts";
import { seeded } from "../testing/mixed-log.ts";
import { stateAt } from "./state.ts";
import { packTimes } from "./times.ts";

/** What was known at a second: address to value, and by what. */
function known(made: History, second: number, more: object = {}): Record<number, unknown> {
  const registers = stateAt(made.index, { device: "drive", at: at(second), ...more });
  return Object.fromEntries(registers.map(({ address, value, by }) => [address, `${value} ${by}`]));
}

describe("stateAt", () => {
  it("gives the newest that was known, each with its time and its record", () => {
    const made = history([state(0, 10, [1, 2]), write(5, 11, [7]), seen(8, 12, [3, 4]), state(20, 10, [9])]);
    expect(known(made, -1)).toEqual({});
    expect(known(made, 4)).toEqual({ 10: "1 state", 11: "2 state" });
    expect(known(made, 8)).toEqual({ 10: "1 state", 11: "7 write", 12: "3 read", 13: "4 read" });
    expect(known(made, 30, { addresses: { first: 10, last: 10 }, table: "holding" })).toEqual({ 10: "9 state" });
    expect(known(made, 30, { beforeSeq: 5 })).toMatchObject({ 10: "1 state" });
    expect(known(made, 30, { table: "coil" })).toEqual({});
    const [, eleven] = stateAt(made.index, { device: "drive", at: at(9) });
    expect(eleven).toEqual({
      table: "holding",
      address: 11,
      value: 7,
      at: at(5),
      seq: 3,
      by: "write",
      points: ["setpoint"],
    });
    expect(stateAt(made.index, { device: "meter", at: at(30) })).toEqual([]);
    made.index.close();
  });

  it("shows what the log says, whatever somebody has written into the index", () => {
    const made = history([state(0, 10, [1]), write(5, 10, [7])]);
    const raw = openSidecar({ file: made.index.file });
    const meter = { device: "meter", at: at(30) };
    raw.exec("update shape set device = replace(device, 'drive', 'meter')");
    expect(stateAt(made.index, meter)).toEqual([]);
    raw.close();
    expect(known(made, 30)).toEqual({ 10: "7 write" });
    // The write as if it had been there before the value that was read.
    const again = openSidecar({ file: made.index.file });
    const spans = made.records.map((_, seq) => ({ from: at(seq - 100), to: at(seq - 100) }));
    again.prepare("update content set times = ?").run(packTimes(0, spans));
    again.exec("update block set first = 0");
    expect(known(made, -50)).toEqual({});
    again.close();
    made.index.close();
  });

  it("does not take an older record for the newest where that is damaged", () => {
    const made = history([write(1, 10, [5]), write(5, 10, [7])]);
    const file = `${made.index.dir}/000000000000.jsonl`;
    writeFileSync(file, readFileSync(file, "utf8").replace('"values":[7]', '"values":[ ]'));
    expect(known(made, 30)).toEqual({ 10: "null write" });
    expect(stateAt(made.index, { device: "drive", at: at(30) })).toMatchObject([{ seq: 3, value: null }]);
    made.index.close();
  });

  it("knows nothing after a write that may not have been done, until it is seen again", () => {
    const made = history([
      state(0, 1, [5, 5, 5, 5]),
      write(10, 1, [6], { outcome: { result: "unknown", exception: 11 } }),
      write(11, 2, [6], { outcome: { exception: 4, from: "device" } }),
      write(12, 3, [6], { permit: false, outcome: { exception: 1 } }),
      write(13, 4, [6], { outcome: { exception: 6 } }),
      state(20, 1, [5]),
    ]);
    expect(known(made, 15)).toEqual({ 1: "null unknown-write", 2: "null unknown-write", 3: "5 state", 4: "5 state" });
    expect(known(made, 20)[1]).toBe("5 state");
    made.index.close();
  });

  it("takes an intent for a write of unknown outcome until there is one", () => {
    const pending = (second: number, value: number, intent: number): Happening =>
      write(second, 1, [value], { outcome: { result: "pending", intent } });
    const made = history([
      state(0, 1, [5]),
      pending(10, 6, 100),
      write(12, 1, [6], { outcome: { intent: 100 } }),
      pending(20, 7, 101),
      write(22, 1, [7], { permit: false, outcome: { exception: 1, intent: 101 } }),
      pending(30, 8, 102),
    ]);
    const values = [9, 10, 11, 12, 20, 21, 22, 29, 30].map((second) => known(made, second)[1]);
    const unknown = "null unknown-write";
    expect(values).toEqual(["5 state", unknown, unknown, "6 write", unknown, unknown, "6 write", "6 write", unknown]);
    made.index.close();
  });

  it("takes a roll-up at its end, and before it what is known to the moment within its minute", () => {
    const made = history([
      state(0, 1, [5, 5]),
      write(70, 1, [6]),
      rollup(60, 120, 1, [5, 4]),
      rollup(120, 180, 1, [6, 4]),
    ]);
    expect(known(made, 119)).toEqual({ 1: "6 write", 2: "5 state" });
    expect(known(made, 120)).toEqual({ 1: "6 write", 2: "4 rollup" });
    expect(known(made, 180)).toEqual({ 1: "6 rollup", 2: "4 rollup" });
    made.index.close();
  });

  it("knows what a mask and a combined write and read leave behind", () => {
    const mask = { access: { values: undefined, mask: { and: 0xf0, or: 0x05 } } } as object;
    const made = history([
      write(1, 1, [0], { ...mask, outcome: { before: [0x12] } }),
      write(2, 2, [0], mask),
      write(3, 3, [1], {
        also: [{ device: "drive", unit: 3, table: "holding", address: 3, quantity: 2, write: false }],
        outcome: { values: [8, 9] },
      }),
    ]);
    expect(known(made, 9)).toEqual({ 1: "21 write", 2: "null write", 3: "8 read", 4: "9 read" });
    made.index.close();
  });

  it("agrees with a look at every record, at any time", () => {
    const random = seeded(3);
    const happenings = Array.from({ length: 300 }, (_, number) => {
      const address = random(6);
      const values = Array.from({ length: 1 + random(3) }, () => random(100));
      const kinds = [
        () => write(number, address, values),
        () => write(number, address, values, { outcome: { result: "unknown", exception: 11 } }),
        () => seen(number, address, values),
        () => state(number, address, values),
        () => rollup(number - random(9) - 1, number, address, values),
      ];
      return kinds[random(kinds.length)]!();
    });
    const made = history(happenings);
    for (let second = -1; second < 302; second += 29) expect(known(made, second)).toEqual(scanned(made, second));
    made.index.close();
  });
});

interface Told {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** By the definition: per register the newest moment, unless a roll-up began after it. */
function scanned({ records }: History, second: number): Record<number, string> {
  const moments = new Map<number, Told>();
  const rollups = new Map<number, Told>();
  for (const record of records as readonly unknown[] as readonly Line[]) {
    const { kind, t, accesses, outcome, from = t, to = t, address, values } = record;
    const access = kind === "state" ? { address, values: values as readonly number[] } : accesses?.[0];
    if (access?.address === undefined) continue;
    const last = kind === "rollup" ? (values as { readonly last: readonly number[] }).last : undefined;
    const doubt = outcome?.result === "unknown";
    const by = kind !== "transaction" ? kind : doubt ? "unknown-write" : access.values === undefined ? "read" : "write";
    for (const [offset, value] of (last ?? access.values ?? outcome?.values ?? []).entries()) {
      const text = `${doubt ? null : value} ${by}`;
      const told = { from: Date.parse(from) * 1000, to: Date.parse(to) * 1000, text };
      const map = kind === "rollup" ? rollups : moments;
      const before = map.get(access.address + offset);
      if (told.to <= at(second) && (before === undefined || told.to >= before.to))
        map.set(access.address + offset, told);
    }
  }
  const found: Record<number, string> = {};
  for (const address of new Set([...moments.keys(), ...rollups.keys()])) {
    const moment = moments.get(address);
    const rolled = rollups.get(address);
    const newest = rolled !== undefined && (moment === undefined || rolled.from >= moment.to) ? rolled : moment;
    found[address] = newest!.text;
  }
  return found;
}

/** A record as its JSON is. */
interface Line {
  readonly kind: string;
  readonly t: string;
  readonly from?: string;
  readonly to?: string;
  readonly address?: number;
  readonly values?: readonly number[] | { readonly last: readonly number[] };
  readonly accesses?: readonly { readonly address?: number; readonly values?: readonly number[] }[];
  readonly outcome?: { readonly result?: string; readonly values?: readonly number[] };
}
