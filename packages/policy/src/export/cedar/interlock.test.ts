import { type Profile, readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import type { InterlockText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { boiler, devices } from "../../testing/site.ts";
import { interlockFact, interlockPoint, interlocksText } from "./interlock.ts";
import { orderedFloat } from "./raw.ts";

const site: readonly PolicyDevice[] = devices.slice(0, 2);
const maxAgeMs = 2000;

/** What stands in for the value of `point` in a permit, once it is known and fresh. */
function condition(
  interlock: Omit<InterlockText, "maxAgeMs">,
  reached: readonly PolicyDevice[] = site,
  known: readonly PolicyDevice[] = site,
): string | undefined {
  const name = `"${interlock.point}"`;
  const text = interlocksText({ id: "r", permit: {}, when: { interlock: { ...interlock, maxAgeMs } } }, reached, known);
  const fresh = `context has known && context.known has ${name} && context.known[${name}].ageMs <= 2000 && `;
  expect(text?.startsWith(fresh)).toBe(true);
  return text?.slice(fresh.length).replaceAll(`context.known[${name}].value`, "it");
}

function fact(point: string, registers: readonly number[], ageMs: readonly number[] = []) {
  const found = interlockPoint({ point, maxAgeMs }, site[0], site);
  return interlockFact(found!, (_, address) => {
    const value = registers[address - found!.point.address];
    return value === undefined ? undefined : { value, ageMs: ageMs[address - found!.point.address] ?? 0 };
  });
}

describe("an interlock in Cedar", () => {
  it.each<[string, Omit<InterlockText, "maxAgeMs">]>([
    ["it == 1", { point: "door", equals: true }],
    ["it == 0", { point: "boiler.door", equals: 0 }],
    ["false", { point: "door", equals: 0.5 }],
    ["it != 1", { point: "door", not: 1 }],
    ["(it >= 1 && it <= 1)", { point: "door", min: 0.5, max: 1.5 }],
    ["[1].contains(it)", { point: "door", values: [0.5, 1] }],
    ["it == 1", { point: "flags.pump", equals: 1 }],
    ["it == 3", { point: "target", equals: 0.3 }],
    ["false", { point: "target", equals: 0.25 }],
    ["true", { point: "target", not: 0.25 }],
    ["(it >= 3 && it <= 256)", { point: "target", min: 0.25, max: 25.6 }],
    ["[1, 3].contains(it)", { point: "target", values: [0.1, 0.25, 0.3] }],
    ["(it >= -2 && it <= 0)", { point: "inverse", min: 0, max: 1 }],
    [`it >= ${orderedFloat(-0.5, false)}`, { point: "level", min: -0.5 }],
    [`it <= ${orderedFloat(20.5, false)}`, { point: "level", max: 20.5 }],
    [`it == ${orderedFloat(1200, false)}`, { point: "power", equals: 1200 }],
  ])("%s of %j", (text, interlock) => {
    expect(condition(interlock)).toBe(text);
  });

  it("is the point of the device that it names, whoever is asked, and of none where nobody is", () => {
    expect(condition({ point: "boiler.target", equals: 0.3 }, [site[1]!])).toBe("it == 3");
    expect(condition({ point: "boiler.target", equals: 0.3 }, [])).toBe("it == 3");
    expect(condition({ point: "target", equals: 0.3 }, [])).toBe("false");
    expect(condition({ point: "target", equals: 0.3 }, [site[1]!])).toBe("false");
  });

  it("has for each device the number that its own scale makes of it", () => {
    const scaled = (scale: number): Profile =>
      readProfile(
        `profile: 1
device: { vendor: Test, model: Other, kind: boiler }
blocks: [{ table: holding, address: 0, count: 1 }]
points: [{ id: target, table: holding, address: 0, type: u16, scale: ${scale} }]
`,
        "other.yaml",
      );
    const three: readonly PolicyDevice[] = [
      site[0]!,
      { id: "same", unit: 3, profile: scaled(0.1) },
      { id: "fine", unit: 4, profile: scaled(0.01) },
    ];
    expect(condition({ point: "target", min: 1, max: 2 }, three, three)).toBe(
      '((resource has device && ["boiler", "same"].contains(resource.device) && (it >= 10 && it <= 20)) || ' +
        '(resource has device && ["fine"].contains(resource.device) && (it >= 100 && it <= 200)))',
    );
  });

  it("lets a forbid count unless it is known not to", () => {
    const interlock = { point: "door", equals: 0, maxAgeMs };
    const text = interlocksText({ id: "r", forbid: {}, when: { interlock } }, site, site);
    expect(text).toMatch(/^\(if context has known && .* then context\.known\["door"\]\.value == 0 else true\)$/);
    expect(interlocksText({ id: "r", forbid: {} }, site, site)).toBeUndefined();
  });
});

describe("what is known of an interlock's point", () => {
  it.each([
    ["door", [1], 1n],
    ["door", [0], 0n],
    ["target", [300], 300n],
    ["offset", [0xffff], -1n],
    ["counter", [2, 1], 65_538n],
    ["flags.fan", [2], 1n],
    ["flags.pump", [2], 0n],
    ["flags.1", [2], 1n],
    ["counter.0", [1, 0], 1n],
    ["counter.16", [1, 0], 0n],
    ["counter.16", [0, 1], 1n],
    ["swapped.0", [0x0100], 1n],
    ["swapped.8", [0x0100], 0n],
  ] as const)("%s in %j is %d", (point, registers, value) => {
    expect(fact(point, registers)).toEqual({ value, ageMs: 0 });
  });

  it("of a 32-bit float is the number that a person writes for it", () => {
    const value = fact("level", [0x3e99, 0x999a])?.value;
    expect(condition({ point: "level", equals: 0.3 })).toBe(`it == ${value}`);
    expect(condition({ point: "level", values: [0.3] })).toBe(`[${value}].contains(it)`);
  });

  it("whose scale stands in a register is what both say", () => {
    const device = site[0]!;
    const registers: Readonly<Record<number, number>> = { 20: 2, 21: 12 };
    const found = { device, point: boiler.point("power")! };
    const known = interlockFact(found, (_, address) => ({ value: registers[address]!, ageMs: address }));
    expect(known).toEqual({ value: orderedFloat(1200, false), ageMs: 21 });
  });

  it("turns both words and bytes where the device does", () => {
    const found = { device: site[0]!, point: { ...boiler.point("counter")!, order: "DCBA" as const }, bit: 8 };
    const known = interlockFact(found, (_, address) => ({ value: address === 4 ? 1 : 0, ageMs: 0 }));
    expect(known?.value).toBe(1n);
  });

  it("is as old as its oldest register, and nothing where one of them is missing", () => {
    expect(fact("counter", [1, 0], [10, 30])).toEqual({ value: 1n, ageMs: 30 });
    expect(fact("counter", [1])).toBeUndefined();
    expect(fact("digits", [0xffff])).toBeUndefined();
    expect(fact("title", [0x4142, 0x4344, 0x4546, 0x4748])).toBeUndefined();
  });

  it.each(["nothing", "plain.target", "boiler.nothing"])("is nothing where there is no point: %s", (point) => {
    expect(interlockPoint({ point, maxAgeMs }, site[0], site)).toBeUndefined();
  });

  it("is nothing where no device is asked and none is named", () => {
    expect(interlockPoint({ point: "door", maxAgeMs }, undefined, site)).toBeUndefined();
  });
});
