import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boiler } from "../../testing/site.ts";
import { orderedBounds, rawStep } from "./bounds.ts";
import { atLeast, atMost, orderedFloat, orderedRaw } from "./raw.ts";
import { networkText, sourceAddress } from "./source.ts";
import { cedarString } from "./text.ts";
import { localTime } from "./time.ts";

describe("a number in order", () => {
  it.each([true, false])("is in the order of the floats (single: %s)", (single) => {
    const float = single ? fc.float({ noNaN: true }) : fc.double({ noNaN: true });
    fc.assert(
      fc.property(float, float, (one, other) => {
        const [left, right] = [orderedFloat(one, single)!, orderedFloat(other, single)!];
        expect(left < right).toBe(one < other);
        expect(left === right).toBe(one === other);
      }),
    );
  });

  it("is none for what is no number", () => {
    expect(orderedFloat(Number.NaN, true)).toBeUndefined();
    expect(orderedRaw(boiler.point("level")!, [0x7fc0, 0])).toBeUndefined();
    expect(orderedRaw(boiler.point("digits")!, [0xffff])).toBeUndefined();
    expect(orderedRaw(boiler.point("title")!, [1, 2, 3, 4])).toBeUndefined();
  });

  it("fits a signed integer of 64 bits", () => {
    const energy = boiler.point("energy")!;
    expect(orderedRaw(energy, [0, 0, 0, 0])).toBe(-(2n ** 63n));
    expect(orderedRaw(energy, [0xffff, 0xffff, 0xffff, 0xffff])).toBe(2n ** 63n - 1n);
  });
});

describe("limits", () => {
  it.each([
    ["target", 0.3, 25.6, { least: 3n, most: 256n }],
    ["target", 0.31, 25.69, { least: 4n, most: 256n }],
    ["inverse", 0, 1, { least: -2n, most: 0n }],
    ["percent", 0, 80, { least: 0n, most: 13_107n }],
    ["enabled", 0, 1, { least: 0n, most: 1n }],
  ] as const)("of %s from %d to %d are raw numbers inside", (name, min, max, bounds) => {
    expect(orderedBounds(boiler.point(name)!, min, max)).toEqual(bounds);
  });

  it.each([
    ["target", 0.25, 3n],
    ["inverse", 1, 2n],
    ["percent", 10, 1639n],
  ] as const)("a step of %s by %d is the greater of both roundings", (name, step, raw) => {
    expect(rawStep(boiler.point(name)!, step)).toBe(raw);
  });
});

describe("a bound", () => {
  const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
  it.each([
    [atLeast("it", 3n), "it >= 3"],
    [atLeast("it", most), `it >= ${most}`],
    [atLeast("it", most + 1n), "false"],
    [atLeast("it", least), undefined],
    [atMost("it", 3n), "it <= 3"],
    [atMost("it", least), `it <= ${least}`],
    [atMost("it", least - 1n), "false"],
    [atMost("it", most), undefined],
  ])("is a number that a Long holds, or none at all: %s", (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe("the time on the wall", () => {
  it.each([
    ["2026-03-29T00:59:00Z", "Europe/Berlin", 6, 119],
    ["2026-03-29T01:00:00Z", "Europe/Berlin", 6, 180],
    ["2026-10-25T00:30:00Z", "Europe/Berlin", 6, 150],
    ["2026-10-25T01:30:00Z", "Europe/Berlin", 6, 150],
    ["2026-11-01T05:30:00Z", "America/New_York", 6, 90],
    ["2026-11-21T00:00:00Z", "UTC", 5, 0],
  ])("of %s in %s", (at, zone, day, minute) => {
    expect(localTime(Date.parse(at), zone)).toEqual({ day, minute });
  });
});

describe("an address", () => {
  it.each([
    ["10.1.2.3:5000", "10.1.2.3"],
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["[::ffff:a01:203]:4000", "10.1.2.3"],
    ["[2001:db8::5]:502", "2001:db8:0:0:0:0:0:5"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
    ["010.1.2.3", undefined],
    ["10.1.2.256", undefined],
    ["1::2::3", undefined],
    ["hmi", undefined],
    ["1:2:3", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["1:2:3:4::5:6:7:8", undefined],
  ])("%s is %s to Cedar", (source, address) => {
    expect(sourceAddress(source)).toBe(address);
  });

  it("of a network keeps its prefix", () => {
    expect(networkText("10.2.0.0/16")).toBe("10.2.0.0/16");
    expect(networkText("2001:db8::/032")).toBe("2001:db8:0:0:0:0:0:0/32");
    expect(networkText("::ffff:10.1.0.0")).toBe("10.1.0.0");
  });
});

it("a string ends where it ends, and shows what it holds", () => {
  expect(cedarString('a"b\\c')).toBe('"a\\"b\\\\c"');
  expect(cedarString("a\nb\u202e°C")).toBe('"a\\u{a}b\\u{202e}°C"');
});
