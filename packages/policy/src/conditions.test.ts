import { describe, expect, it } from "vitest";
import type { AskedText } from "./index.ts";
import { outcome, rules } from "./testing/ask.ts";

/** One describe for every condition of a policy file. `as` is Operator unless said. */
type Row = readonly [asked: Omit<AskedText, "as"> & { readonly as?: string | null }, wanted: string];

function table(decide: ReturnType<typeof rules>, rows: readonly Row[]): void {
  for (const [asked, wanted] of rows) {
    expect([asked, outcome(decide({ as: "Operator", ...asked }))]).toEqual([asked, wanted]);
  }
}

const everything = "{ functions: [1, 2, 3, 4, 5, 6, 15, 16, 22, 23] }";

describe("a write over a plain listener needs a rule that names its transport", () => {
  const write = { unit: 2, function: 6, address: 0, value: 1 } as const;
  const read = { unit: 2, function: 3, address: 0 } as const;
  const at = (when: string) => rules(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [3, 6] }]${when} }`);

  it("without when: reads everywhere, writes over TLS", () => {
    table(at(""), [
      [write, "permit"],
      [{ ...write, transport: "tcp" }, "transport"],
      [{ ...write, transport: "rtu" }, "transport"],
      [{ ...write, transport: "memory" }, "transport"],
      [read, "permit"],
      [{ ...read, transport: "tcp" }, "permit"],
      [{ ...read, transport: "rtu" }, "permit"],
    ]);
  });

  it("with transports: exactly those", () => {
    table(at(", when: { transports: [tcp] }"), [
      [write, "transport"],
      [{ ...write, transport: "tcp" }, "permit"],
      [{ ...write, transport: "rtu" }, "transport"],
      [read, "transport"],
      [{ ...read, transport: "tcp" }, "permit"],
    ]);
    table(at(", when: { transports: [tls, tcp] }"), [
      [write, "permit"],
      [{ ...write, transport: "tcp" }, "permit"],
    ]);
  });

  it("counts what a vendor's function does as a write", () => {
    const decide = rules(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [65, 43/14] }] }`);
    table(decide, [
      [{ unit: 2, function: 65, transport: "tcp" }, "transport"],
      [{ unit: 2, function: 65 }, "permit"],
      [{ unit: 2, function: "43/14", transport: "tcp" }, "permit"],
    ]);
  });
});

describe("a condition that cannot be evaluated is false", () => {
  const decide = rules(
    `{ id: a, permit: { roles: "*" }, allow: [{ functions: [3] }], when: { sources: [10.2.0.0/16, "2001:db8::/32"] } }`,
  );
  it("judges the client's address", () => {
    table(decide, [
      [{ unit: 2, function: 3, address: 0, from: "10.2.3.4" }, "permit"],
      [{ unit: 2, function: 3, address: 0, from: "10.2.3.4:5000" }, "permit"],
      [{ unit: 2, function: 3, address: 0, from: "[2001:db8::1]:5000" }, "permit"],
      [{ unit: 2, function: 3, address: 0, from: "10.3.3.4" }, "source"],
      [{ unit: 2, function: 3, address: 0 }, "source"],
    ]);
  });
});

describe("function 22 under a value limit", () => {
  const ask = (and: number) => ({ unit: 2, function: 22, address: 0, and, or: 0xffff }) as const;
  const at = (limits: string) => rules(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [22, 6]${limits} }] }`);

  it("is refused unless a mask covers it", () => {
    table(at(""), [[ask(0), "permit"]]);
    table(at(", max: 80"), [
      [ask(0xfffe), "mask"],
      [ask(0xffff), "mask"],
    ]);
    table(at(", values: [1]"), [[ask(0xfffe), "mask"]]);
    table(at(", max: 80, mask: 0x0003"), [
      [ask(0xfffc), "permit"],
      [ask(0xffff), "permit"],
      [ask(0xfff8), "mask"],
      [{ unit: 2, function: 6, address: 0, value: 2 }, "permit"],
      [{ unit: 2, function: 6, address: 0, value: 4 }, "mask"],
      [{ unit: 2, function: 6, address: 0, value: 81 }, "max"],
    ]);
  });

  it("finds the bits of a point whose bytes are turned round", () => {
    const decide = rules(
      `{ id: a, permit: { roles: "*" }, devices: [boiler], allow: [{ write: swapped, mask: 0x0001 }, { write: flags, mask: 1 }, { read: swapped }] }`,
    );
    table(decide, [
      [{ device: "boiler", function: 22, address: 19, and: 0xfeff, or: 0xffff }, "permit"],
      [{ device: "boiler", function: 22, address: 19, and: 0xfffe, or: 0xffff }, "mask"],
      [{ device: "boiler", write: "swapped", value: 1 }, "permit"],
      [{ device: "boiler", write: "swapped", value: 256 }, "mask"],
      [{ device: "boiler", write: "flags", value: 1 }, "permit"],
      [{ device: "boiler", write: "flags", value: 256 }, "mask"],
    ]);
  });
});

describe("a write that touches part of a point of several registers", () => {
  const decide = rules(`{ id: a, permit: { roles: "*" }, allow: [${everything}] }`);
  it("is refused, whichever way the rule names it", () => {
    table(decide, [
      [{ device: "boiler", function: 6, address: 4, value: 1 }, "partial"],
      [{ device: "boiler", function: 6, address: 5, value: 1 }, "partial"],
      [{ device: "boiler", function: 16, address: 4, values: [1, 2] }, "permit"],
      [{ device: "boiler", function: 16, address: 3, values: [1, 2] }, "partial"],
      [{ device: "boiler", function: 16, address: 3, values: [1, 2, 3] }, "permit"],
      [{ device: "boiler", function: 22, address: 4, and: 0, or: 0 }, "partial"],
      [{ device: "boiler", function: 16, address: 14, values: [1, 2, 3] }, "partial"],
      [{ device: "boiler", function: 3, address: 4 }, "permit"],
      [{ unit: 2, function: 6, address: 4, value: 1 }, "permit"],
    ]);
    const byName = rules(`{ id: a, permit: { roles: "*" }, devices: [boiler], allow: [{ write: counter }] }`);
    table(byName, [[{ device: "boiler", function: 6, address: 4, value: 1 }, "partial"]]);
  });
});
