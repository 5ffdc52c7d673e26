import type { Access } from "@modwarden/access";
import type { Question } from "@modwarden/policy";
import { describe, expect, it } from "vitest";
import { type Asking, boundObjects, type Grant, Grants } from "./grants.ts";

const at = { device: "drive", unit: 3 } as const;
const write = (address: number, ...values: number[]): Access => ({
  ...at,
  ...{ table: "holding", address, quantity: values.length, write: true, values },
});
const read = (address: number, quantity: number): Access => ({
  ...at,
  ...{ table: "holding", address, quantity, write: false },
});
function question(functionCode: number, accesses: readonly Access[], more: Partial<Question> = {}): Question {
  return { subject: "hmi", role: "Operator", transport: "tls", ...at, functionCode, accesses, ...more };
}
const asked = question(6, [write(100, 50)]);
function grant(more: Partial<Grant> = {}): Grant {
  const objects = boundObjects(asked);
  return {
    id: "a1",
    rules: ["reset"],
    people: 1,
    subject: "hmi",
    device: "drive",
    objects,
    policy: "p1",
    expiresMs: 1000,
    ...more,
  };
}
const asking = (rule: string, people: 1 | 2): Asking => ({ policy: "p1", rule, people });
function grants(...list: readonly Grant[]): Grants {
  const table = new Grants(3);
  for (const one of list) expect(table.add(one, 0)).toBe(true);
  return table;
}

describe("a grant", () => {
  it("is found by whatever function writes the same", () => {
    const table = grants(grant());
    expect(table.find(asking("reset", 1), asked, 0)?.id).toBe("a1");
    expect(table.find(asking("reset", 1), question(16, [write(100, 50)]), 0)?.id).toBe("a1");
    expect(table.find(asking("reset", 1), question(23, [write(100, 50), read(7, 2)]), 0)?.id).toBe("a1");
  });

  it.each<readonly [string, Question]>([
    ["another value", question(6, [write(100, 51)])],
    ["another address", question(6, [write(101, 50)])],
    ["more", question(16, [write(100, 50, 0)])],
    ["something else as well", question(21, [write(100, 50), write(200, 1)])],
    ["only to read it", question(3, [read(100, 1)])],
    ["another subject", question(6, [write(100, 50)], { subject: "scada" })],
    ["nobody", question(6, [write(100, 50)], { subject: null })],
    ["another device", question(6, [write(100, 50)], { device: "meter" })],
    ["a mask", question(22, [{ ...read(100, 1), write: true, mask: { and: 0, or: 50 } }])],
  ])("is not for %s", (_name, other) => {
    expect(grants(grant()).find(asking("reset", 1), other, 0)).toBeUndefined();
  });

  it("is not for another rule, nor for one that asks for more people, nor for later", () => {
    const table = grants(grant());
    expect(table.find(asking("other", 1), asked, 0)).toBeUndefined();
    expect(table.find(asking("reset", 2), asked, 0)).toBeUndefined();
    expect(table.find({ ...asking("reset", 1), policy: "p2" }, asked, 0)).toBeUndefined();
    expect(table.find(asking("reset", 1), asked, 999)).toBeDefined();
    expect(table.find(asking("reset", 1), asked, 1000)).toBeUndefined();
  });

  it("is used or withdrawn once", () => {
    const table = grants(grant(), grant({ id: "a2" }));
    expect(table.withdraw("a1")).toBe(true);
    expect(table.withdraw("a1")).toBe(false);
    expect(table.find(asking("reset", 1), asked, 0)?.id).toBe("a2");
    expect(table.withdraw("a2")).toBe(true);
    expect(table.find(asking("reset", 1), asked, 0)).toBeUndefined();
  });

  it("does not depend on the order in which its keys came", () => {
    const objects = boundObjects(asked).map((one) => Object.fromEntries(Object.entries(one).reverse()));
    const table = grants(grant({ objects: objects as unknown as Grant["objects"] }));
    expect(table.find(asking("reset", 1), asked, 0)).toBeDefined();
  });

  it("of a function without registers is of that function and sub-function", () => {
    const diagnostics = (subfunction: number): Question =>
      question(8, [{ ...at, table: null, address: 0, quantity: 0, write: true }], { subfunction });
    const table = grants(grant({ objects: boundObjects(diagnostics(1)) }));
    expect(table.find(asking("reset", 1), diagnostics(1), 0)).toBeDefined();
    expect(table.find(asking("reset", 1), diagnostics(4), 0)).toBeUndefined();
  });
});

describe("the table", () => {
  it("holds no more than its bound, of those that have not expired", () => {
    const table = grants(grant(), grant({ id: "a2" }), grant({ id: "a3", expiresMs: 10 }));
    expect(table.add(grant({ id: "a4" }), 9)).toBe(false);
    expect(table.add(grant({ id: "a4" }), 10)).toBe(true);
    expect(table.add(grant({ id: "a4", people: 2 }), 10)).toBe(true);
    expect(table.size).toBe(3);
    expect(table.find(asking("reset", 2), asked, 10)?.id).toBe("a4");
  });
});
