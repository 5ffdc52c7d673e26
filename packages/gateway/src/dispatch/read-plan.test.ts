import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { planReads, type Range } from "./read-plan.ts";

const holding = (address: number, quantity = 1): Range => ({ table: "holding", address, quantity });
const profile = (link: string): ReturnType<typeof readProfile> =>
  readProfile(
    `profile: 1
device: { vendor: Test, model: Small, kind: drive, verified: docs }
link: ${link}
blocks: [ { table: holding, address: 0, count: 50 }, { table: coil, address: 0, count: 10 } ]
points:
  - { id: speed, table: holding, address: 0, type: u32, access: r }
  - { id: reset, table: holding, address: 4, type: u16, access: w }
`,
    "small.yaml",
  );

describe("planReads", () => {
  it("joins what touches and what overlaps, in any order, of one table", () => {
    expect(
      planReads([holding(12), holding(10, 2), holding(11, 2), { ...holding(13), table: "input" }], undefined),
    ).toEqual([holding(10, 3), { table: "input", address: 13, quantity: 1 }]);
    expect(planReads([holding(10), holding(12)], undefined)).toEqual([holding(10), holding(12)]);
  });

  it("crosses no more than the gap that the device tolerates", () => {
    const file = profile("{ maxGap: 2 }");
    expect(planReads([holding(10), holding(13)], file)).toEqual([holding(10, 4)]);
    expect(planReads([holding(10), holding(14)], file)).toEqual([holding(10), holding(14)]);
  });

  it("asks for no more at once than the device takes, and than Modbus does", () => {
    expect(planReads([holding(10, 2), holding(12, 2)], profile("{ maxRead: 3 }"))).toEqual([
      holding(10, 2),
      holding(12, 2),
    ]);
    expect(planReads([holding(0, 200)], undefined)).toEqual([holding(0, 125), holding(125, 75)]);
    const coils = { table: "coil", address: 0, quantity: 2000 } as const;
    expect(planReads([coils], undefined)).toEqual([coils]);
  });

  it("leaves out what the device does not answer, and does not cross it", () => {
    const file = profile("{ maxGap: 9 }");
    expect(planReads([holding(48, 4), holding(65_535, 2), holding(4)], file)).toEqual([]);
    expect(planReads([holding(2), holding(6)], file)).toEqual([holding(2), holding(6)]);
    expect(planReads([holding(2), holding(3)], file)).toEqual([holding(2, 2)]);
  });
});
