import { describe, expect, it } from "vitest";
import { parseHours } from "../language/hours.ts";
import { parseNetwork, parseSource } from "../language/network.ts";
import { openMinutes } from "../language/week.ts";
import { NumberLine } from "./line.ts";
import { NetworkClasses } from "./networks.ts";
import { spanWords } from "./span-words.ts";
import { TagClasses } from "./tags.ts";
import { WeekClasses } from "./week-classes.ts";

describe("sets of tags", () => {
  const [day, night, guest] = [["day", "shift"], ["night"], ["guest"]] as const;
  const tags = new TagClasses([day, night, guest]);
  const [someDay, someNight, someGuest] = [day, night, guest].map((list) => tags.setOf(list)) as [
    bigint,
    bigint,
    bigint,
  ];

  it.each([
    ["with a tag of day, shift", someDay],
    ["with a tag of guest", someGuest],
    ["without the tags night", tags.full & ~someNight],
    ["with a tag of day, shift and none of night", someDay & ~someNight],
    ["with a tag of guest and none of day, shift", someGuest & ~someDay],
    ["with some sets of the tags day, shift, night, guest", someDay & someNight],
  ])("are told as %s", (words, set) => {
    expect(tags.words(set)).toBe(words);
  });

  it.each([
    [["day"], true, false],
    [["shift", "night"], true, true],
    [["unheard of"], false, false],
    [[], false, false],
  ])("know who has %j", (owned, isDay, isNight) => {
    const owner = tags.classOf(owned);
    expect([(owner & someDay) !== 0n, (owner & someNight) !== 0n]).toEqual([isDay, isNight]);
  });
});

describe("sets of networks", () => {
  const networkOf = (text: string) => parseNetwork(text)!;
  const networks = new NetworkClasses(["10.1.0.0/16", "10.0.0.0/8", "192.168.0.0/16"].map(networkOf));
  const setOf = (...texts: readonly string[]): bigint => networks.setOf(texts.map(networkOf));

  it.each([
    ["from 10.0.0.0/8", setOf("10.0.0.0/8")],
    ["from 10.0.0.0/8 without 10.1.0.0/16", setOf("10.0.0.0/8") & ~setOf("10.1.0.0/16")],
    ["from 10.1.0.0/16, 192.168.0.0/16", setOf("10.1.0.0/16", "192.168.0.0/16")],
    ["from anywhere but 10.1.0.0/16", networks.full & ~setOf("10.1.0.0/16")],
    ["from anywhere but 10.0.0.0/8", networks.full & ~setOf("10.0.0.0/8")],
    ["from anywhere but 10.0.0.0/8 without 10.1.0.0/16", (networks.full & ~setOf("10.0.0.0/8")) | setOf("10.1.0.0/16")],
  ])("are told as %s", (words, set) => {
    expect(networks.words(set)).toBe(words);
  });

  it.each([
    ["10.1.2.3", true],
    ["10.2.0.1", false],
    ["172.16.0.1", false],
    [undefined, false],
  ])("know whether %s is in one of them", (address, isIn) => {
    const asked = networks.classOf(address === undefined ? undefined : parseSource(address));
    expect((asked & setOf("10.1.0.0/16")) !== 0n).toBe(isIn);
    expect(asked & networks.full).toBe(asked);
  });

  it("have nothing of a network that no rule names", () => {
    expect(setOf("172.16.0.0/12")).toBe(0n);
  });
});

describe("the hours of a week", () => {
  const week = new WeekClasses("Europe/Berlin");
  const open = (...hours: readonly string[]): bigint => openMinutes(hours.flatMap((one) => parseHours(one) ?? []));

  it.each([
    ["Mon-Fri 06:00-22:00 (Europe/Berlin)", open("Mon-Fri 06:00-22:00")],
    ["Mon,Wed 06:00-07:00, 08:00-09:00 (Europe/Berlin)", open("Mon,Wed 06:00-07:00", "Mon,Wed 08:00-09:00")],
    ["Sat,Sun 00:00-24:00 (Europe/Berlin)", open("Sat,Sun 00:00-24:00")],
    ["Mon 06:00-07:00 and Tue 08:00-09:00 (Europe/Berlin)", open("Mon 06:00-07:00", "Tue 08:00-09:00")],
    ["Mon 06:00-07:00 (Europe/Berlin), or when the time is not known", open("Mon 06:00-07:00") | week.unknown],
    ["when the time is not known", week.unknown],
  ])("are told as %s", (words, set) => {
    expect(week.words(set)).toBe(words);
  });
});

describe("spans of a number line", () => {
  const line = new NumberLine([5, 9], { whole: false, withNone: true });
  it.each([
    ["any level", line.full & ~line.none],
    ["any level or level not known", line.full],
    ["level not known", line.none],
    ["level >= 5", line.atLeast(5)],
    ["level > 5", line.atLeast(5) & ~line.exactly([5])],
    ["level < 9", line.atMost(9) & ~line.exactly([9])],
    [
      "level <= 5 or level > 9 or level not known",
      (line.full & ~(line.atLeast(5) & line.atMost(9))) | line.exactly([5]),
    ],
    ["level = 5 or level = 9", line.exactly([5, 9])],
    ["5 < level <= 9", line.atLeast(5) & line.atMost(9) & ~line.exactly([5])],
  ])("are told as %s", (words, set) => {
    expect(spanWords(line, set, "level")).toBe(words);
  });
});
