import { describe, expect, test } from "vitest";
import { createMemoryHandler } from "./memory-handler.ts";
import { routeUnits } from "./routes.ts";
import { servedUnits } from "./served-units.ts";

const memory = createMemoryHandler();
const routes = routeUnits({ 0: memory, 3: memory, 9: memory });
const badValue = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });

function all(...given: Parameters<typeof servedUnits>): number[] {
  const serves = servedUnits(...given);
  return Array.from({ length: 256 }, (_, unit) => unit).filter((unit) => serves(unit));
}

describe("servedUnits", () => {
  test("are those that are named, on every line", () => {
    for (const transport of ["rtu", "ascii", "rtutcp", "memory"] as const) {
      expect(all(transport, [7, 255], routes)).toEqual([7, 255]);
    }
  });

  test("are those that the handler routes, if it leaves the others alone", () => {
    expect(all("rtu", undefined, routes)).toEqual([3, 9]);
    expect(all("rtutcp", undefined, routes)).toEqual([3, 9]);
    const open = routeUnits({ 3: memory }, memory);
    expect(all("rtutcp", undefined, open)).toHaveLength(247);
    expect(() => servedUnits("rtu", undefined, open)).toThrow(badValue);
  });

  test("are every unit of a connection of its own, and have to be named on a serial port", () => {
    const units = all("asciitcp", undefined, memory);
    expect([units[0], units.at(-1), units.length]).toEqual([1, 247, 247]);
    expect(() => servedUnits("ascii", undefined, memory)).toThrow(badValue);
  });

  test.each([0, 256, 1.5, -1, Number.NaN])("cannot be %d", (unit) => {
    expect(() => servedUnits("rtu", [unit], memory)).toThrow(badValue);
  });
});
