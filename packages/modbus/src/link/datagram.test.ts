import { parseHex, toHex } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { adu, join } from "../testing/adu.ts";
import { eachDatagram, wholeAdus } from "./datagram.ts";

const one = adu(1, 1, "03 0000 0001");
const longest = adu(2, 255, `10 0000 007b f6 ${"cafe".repeat(123)}`);

describe("a datagram", () => {
  test.each<[string, Uint8Array, number]>([
    ["nothing", new Uint8Array(0), 0],
    ["one ADU", one, 12],
    ["two", join(one, longest), 12 + longest.length],
    ["one and half of another", join(one, longest.subarray(0, 30)), 12],
    ["one and a header", join(one, longest.subarray(0, 7)), 12],
    ["another protocol", parseHex("0001 0001 0006 01 0300000001"), 0],
    ["a length of 1", parseHex("0001 0000 0001 01 03"), 0],
    ["a length of 255", join(parseHex("0001 0000 00ff"), new Uint8Array(255)), 0],
    ["half an ADU", one.subarray(0, 11), 0],
  ])("that holds %s has so many bytes of ADUs", (_, bytes, length) => {
    expect(wholeAdus(bytes)).toBe(length);
  });

  test("goes out for each ADU, and what is none in pieces of one", () => {
    const sent: string[] = [];
    const send = (bytes: Uint8Array): void => void sent.push(toHex(bytes));
    eachDatagram(join(one, longest, one), send);
    expect(sent.splice(0)).toEqual([one, longest, one].map((bytes) => toHex(bytes)));
    eachDatagram(new Uint8Array(300).fill(0xff), send);
    expect(sent.map((hex) => hex.length / 2)).toEqual([260, 40]);
  });
});
