import { describe, expect, it } from "vitest";
import { builtinProfile, builtinProfileNames, builtinProfileText, decodePoint, encodePoint } from "./index.ts";
import { memoryOf } from "./testing/memory.ts";

describe("the built-in device files", () => {
  it.each([...builtinProfileNames])("%s reads, golden vectors and all", (name) => {
    const profile = builtinProfile(name);
    expect(profile.name).toBe(name);
    expect(builtinProfileText(name)).toContain("profile: 1");
    if (name !== "memory") expect(profile.golden.length).toBeGreaterThan(4);
  });

  it.each([...builtinProfileNames])(
    "%s: each golden vector decodes to its value, and good ones encode back",
    (name) => {
      const profile = builtinProfile(name);
      for (const golden of profile.golden) {
        const point = profile.point(golden.point)!;
        const { read, write } = memoryOf();
        for (const [id, value] of Object.entries(golden.with)) {
          const other = profile.point(id)!;
          write(other.table, other.address, encodePoint(profile, other, value, read));
        }
        write(point.table, point.address, golden.words);
        const reading = decodePoint(profile, point, read);
        expect(reading.quality).toBe(golden.value === null ? "nan" : "good");
        if (golden.value === null) continue;
        if (point.type === "f32") expect(reading.value).toBe(Math.fround(Number(golden.value)));
        else expect(reading.value).toBe(golden.value);
        expect([...encodePoint(profile, point, golden.value, read)]).toEqual([...golden.words]);
      }
    },
  );

  it("knows the points that rules and the demo speak of", () => {
    const drive = builtinProfile("danfoss-fc51");
    expect(drive.point("setpoint")).toMatchObject({ address: 50009, access: "rw", limits: { min: 0, max: 100 } });
    expect(drive.point("status_word")?.bits.get(3)).toBe("alarm");
    expect(builtinProfile("eastron-sdm630").point("power_total")).toMatchObject({
      table: "input",
      address: 52,
      count: 2,
    });
    expect(builtinProfile("sunspec-three-phase-inverter").point("power")?.scale).toEqual({ point: "power_sf" });
    expect(builtinProfile("sungrow-shx-hybrid-inverter").point("power")?.order).toBe("CDAB");
  });

  it("covers everything in the plain memory, and lets what the protocol can write be written", () => {
    const memory = builtinProfile("memory");
    for (const table of ["coil", "discrete", "holding", "input"] as const) {
      expect(memory.covers(table, 0, 65536)).toBe(true);
      expect(memory.writable(table, 65535, 1)).toBe(table === "coil" || table === "holding");
    }
  });

  it("refuses a name that is none, and so never leaves its folder", () => {
    expect(() => builtinProfile("../package")).toThrow(RangeError);
  });
});
