import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CapturedItem, type CapturedTransaction, readTransactions } from "./index.ts";
import { readFrames, tsharkFrames, tsharkPairs } from "./testing/tshark.ts";

const captures = new URL("../../../../shared/data/captures/", import.meta.url);

const files = [
  { capture: "plant1/plant1.pcap", table: "plant1/plant1.tshark.tsv" },
  { capture: "icsnpp/modbus_example.pcap", table: "icsnpp/modbus_example.tshark.tsv" },
  { capture: "quickdraw/modbus_test_data_part1.pcap", table: "quickdraw/part1.tshark.tsv" },
  { capture: "zeek/modbusSmall.pcap", table: "zeek/modbusSmall.tshark.tsv" },
];

const readAlready = new Map<string, readonly CapturedItem[]>();

function itemsOf(capture: string): readonly CapturedItem[] {
  const items = readAlready.get(capture) ?? [...readTransactions(readFileSync(new URL(capture, captures)))];
  readAlready.set(capture, items);
  return items;
}

function transactionsOf(capture: string): CapturedTransaction[] {
  return itemsOf(capture).filter((item) => item.kind === "transaction");
}

describe.skipIf(!existsSync(captures))("the shared captures (skipped where they are missing)", () => {
  it.each(files)("$capture: every ADU reads as tshark reads it", ({ capture, table }) => {
    const expected = tsharkFrames(readFileSync(new URL(table, captures), "utf8"));
    const found = readFrames(itemsOf(capture));
    const frames = [...new Set([...expected.keys(), ...found.keys()])];
    const both = frames.map((frame) => ({ frame, expected: expected.get(frame), found: found.get(frame) }));
    expect(both.filter((one) => JSON.stringify(one.expected) !== JSON.stringify(one.found))).toEqual([]);
    expect(expected.size).toBeGreaterThan(0);
  });

  it.each(files)("$capture: every response has the request that tshark gives it", ({ capture, table }) => {
    const expected = tsharkPairs(readFileSync(new URL(table, captures), "utf8"));
    const answers = transactionsOf(capture).filter((item) => item.responseFrame !== null && item.matched);
    // The one difference: tshark names no request for an exception.
    const ordinary = answers.filter((item) => item.exception === null);
    const found = Map.groupBy(ordinary, (item) => item.responseFrame!);
    expect([...found.keys()].sort((one, other) => one - other)).toEqual([...expected.keys()]);
    const other = [...found].filter(
      ([frame, items]) => items.map((item) => item.requestFrame).join(";") !== expected.get(frame),
    );
    expect(other).toEqual([]);
  });

  it("plant1: 7990 requests, 7986 responses, 171 things that are asked for, nothing lost", () => {
    const traffic = readTransactions(readFileSync(new URL("plant1/plant1.pcap", captures)));
    const asked = new Set<string>();
    for (const item of traffic) {
      if (item.kind === "malformed" || item.requestFrame === null) continue;
      for (const { unit, address, quantity } of item.accesses)
        asked.add(`${item.server} ${unit} ${item.functionCode} ${address} ${quantity}`);
    }
    expect(asked.size).toBe(171);
    // The recording begins and ends in the middle of every connection, and three answers in it are to earlier requests.
    expect(traffic.statistics).toMatchObject({
      frames: 15_387,
      requests: 7990,
      responses: 7986,
      matched: 7983,
      responsesWithoutRequest: 3,
      retransmitted: 8,
      keepAlives: 2,
      gaps: 0,
      skippedBytes: 0,
      malformed: 0,
    });
  });

  it("icsnpp: addresses, quantities, values and exceptions are those of icsnpp-modbus", () => {
    const log = readFileSync(new URL("icsnpp/baseline/modbus_detailed.log", captures), "utf8");
    const fields = log.match(/^#fields\t(.*)$/m)![1]!.split("\t");
    const rows = log
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => Object.fromEntries(line.split("\t").map((value, index) => [fields[index]!, value])));
    const all = transactionsOf("icsnpp/modbus_example.pcap");
    // It logs what it decodes no body of in two lines, and files, masks, 23 and 43 without numbers.
    const compared = rows.filter((row) => /^(READ_(COILS|DIS|HOLD|INPUT)|WRITE_(SINGLE|MULTIPLE))/.test(row["func"]!));
    expect(compared).toHaveLength(13);
    for (const row of compared) {
      const item = all.find(
        (one) => one.client.endsWith(`:${row["id.orig_p"]}`) && one.transaction === Number(row["tid"]),
      );
      const [access] = item!.accesses;
      expect([row["unit"], row["address"], row["quantity"]].map(Number)).toEqual([
        item!.unit,
        access!.address,
        row["quantity"] === "1" ? 1 : access!.quantity,
      ]);
      if (access!.write) expect(access!.values).toEqual(row["request_values"]!.split(",").map(Number));
      else if (item!.exception === null) expect(item!.values).toEqual(row["response_values"]!.split(",").map(Number));
      else expect([row["exception_code"], item!.exception]).toEqual(["ILLEGAL_DATA_ADDRESS", 2]);
    }
  });
});
