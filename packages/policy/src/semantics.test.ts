import { describe, expect, it } from "vitest";
import type { AskedText } from "./index.ts";
import { outcome, rules } from "./testing/ask.ts";

/** One describe for every sentence of the semantics of a policy file. `as` is Operator unless said. */
type Row = readonly [asked: Omit<AskedText, "as"> & { readonly as?: string | null }, wanted: string];

function table(decide: ReturnType<typeof rules>, rows: readonly Row[]): void {
  for (const [asked, wanted] of rows) {
    expect([asked, outcome(decide({ as: "Operator", ...asked }))]).toEqual([asked, wanted]);
  }
}

const everything = "{ functions: [1, 2, 3, 4, 5, 6, 15, 16, 22, 23] }";

describe("default deny", () => {
  it("refuses what no rule names", () => {
    table(rules(), [[{ unit: 2, function: 3, address: 0 }, "no-permit"]]);
    table(
      rules("{ id: a, permit: { roles: [Operator] }, units: [2], allow: [{ functions: [3], addresses: [5-9] }] }"),
      [
        [{ unit: 2, function: 3, address: 5, quantity: 5 }, "permit"],
        [{ unit: 2, function: 3, address: 4, quantity: 2 }, "no-permit"],
        [{ unit: 2, function: 3, address: 9, quantity: 2 }, "no-permit"],
        [{ unit: 2, function: 4, address: 5 }, "no-permit"],
        [{ unit: 3, function: 3, address: 5 }, "no-permit"],
        [{ unit: 2, function: 3, address: 5, as: "Viewer" }, "no-permit"],
      ],
    );
  });
});

describe("forbid beats permit, order never matters", () => {
  const permit = `{ id: p, permit: { roles: "*" }, allow: [${everything}] }`;
  const forbid = "{ id: f, forbid: { roles: [Operator] }, deny: [{ functions: [16], addresses: [7] }] }";
  it.each([
    ["forbid last", [permit, forbid]],
    ["forbid first", [forbid, permit]],
  ])("%s", (_name, lines) => {
    table(rules(...lines), [
      [{ unit: 2, function: 16, address: 6, values: [1] }, "permit"],
      [{ unit: 2, function: 16, address: 6, values: [1, 2] }, "forbid"],
      [{ unit: 2, function: 16, address: 7, values: [1] }, "forbid"],
      [{ unit: 2, function: 16, address: 8, values: [1] }, "permit"],
      [{ unit: 2, function: 16, address: 7, values: [1], as: "Viewer" }, "permit"],
      [{ unit: 2, function: 6, address: 7, value: 1 }, "permit"],
    ]);
  });

  it("forbids only where its own conditions hold", () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3] }], when: { transports: [tcp], sources: [10.0.0.0/8] } }`,
    );
    table(decide, [
      [{ unit: 2, function: 3, address: 0, transport: "tcp", from: "10.1.1.1" }, "forbid"],
      [{ unit: 2, function: 3, address: 0, transport: "tls", from: "10.1.1.1" }, "permit"],
      [{ unit: 2, function: 3, address: 0, transport: "tcp", from: "11.1.1.1" }, "permit"],
      [{ unit: 2, function: 3, address: 0, transport: "tcp" }, "permit"],
    ]);
  });

  it("forbids a point by its name or label, for every function that touches it", () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [${everything}] }`,
      `{ id: f, forbid: { roles: "*" }, devices: [boiler], deny: [{ write: { label: command } }, { read: temperature }] }`,
    );
    table(decide, [
      [{ device: "boiler", write: "mode", value: "heat" }, "forbid"],
      [{ device: "boiler", function: 22, address: 0, and: 0, or: 0 }, "forbid"],
      [
        { device: "boiler", function: 23, read: { address: 1, quantity: 1 }, write: { address: 0, values: [1] } },
        "forbid",
      ],
      [{ device: "boiler", write: "pump", value: true }, "forbid"],
      [{ device: "boiler", read: "mode" }, "permit"],
      [{ device: "boiler", read: "temperature" }, "forbid"],
      [{ unit: 2, function: 6, address: 0, value: 1 }, "permit"],
    ]);
  });
});

describe("every element of every access is covered", () => {
  it("lets permits share the elements of one request", () => {
    const decide = rules(
      "{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [0-4] }] }",
      "{ id: b, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [5-6, 8] }] }",
    );
    table(decide, [
      [{ unit: 2, function: 16, address: 3, values: [1, 2, 3, 4] }, "permit"],
      [{ unit: 2, function: 16, address: 3, values: [1, 2, 3, 4, 5] }, "no-permit"],
    ]);
    expect(decide({ as: "Operator", unit: 2, function: 16, address: 3, values: [1, 2, 3] }).rules).toEqual(["a", "b"]);
  });

  it("does not let functions 3 and 16 stand for 23, although both its halves are judged", () => {
    const asked = { unit: 2, function: 23, read: { address: 0, quantity: 2 }, write: { address: 5, values: [1] } };
    table(rules("{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [3, 16] }] }"), [[asked, "no-permit"]]);
    table(rules("{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [23] }] }"), [[asked, "permit"]]);
    table(rules("{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [23], addresses: [0-1] }] }"), [
      [asked, "no-permit"],
    ]);
    table(rules("{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [23], addresses: [0-1, 5] }] }"), [
      [asked, "permit"],
    ]);
  });

  it("refuses function 23 to a role that may only read", () => {
    table(rules(`{ id: a, permit: { roles: [Viewer] }, allow: [{ functions: [1, 2, 3, 4] }, { read: mode }] }`), [
      [
        {
          as: "Viewer",
          unit: 1,
          function: 23,
          read: { address: 0, quantity: 1 },
          write: { address: 0, values: [1] },
        },
        "no-permit",
      ],
    ]);
  });

  it("wants read permission for the read half of 23; 22 is a write as a whole", () => {
    const write = `{ id: w, permit: { roles: [Operator] }, devices: [boiler], allow: [{ write: mode }] }`;
    const read = `{ id: r, permit: { roles: [Operator] }, devices: [boiler], allow: [{ read: mode }] }`;
    const mask = { device: "boiler", function: 22, address: 0, and: 0, or: 1 };
    const both = {
      device: "boiler",
      function: 23,
      read: { address: 0, quantity: 1 },
      write: { address: 0, values: [1] },
    };
    table(rules(read), [[mask, "no-permit"]]);
    table(rules(write), [
      [mask, "permit"],
      [both, "no-permit"],
      [{ device: "boiler", function: 6, address: 0, value: 1 }, "permit"],
      [{ device: "boiler", function: 16, address: 0, value: 1 }, "permit"],
      [{ device: "boiler", function: 3, address: 0 }, "no-permit"],
    ]);
    table(rules(write, read), [
      [mask, "permit"],
      [both, "permit"],
      [{ device: "boiler", function: 3, address: 0 }, "permit"],
    ]);
  });

  it("covers a coil and a read-only table by point", () => {
    const allow = "[{ write: pump, values: [0] }, { read: pump }, { read: door }, { read: temperature }]";
    table(rules(`{ id: a, permit: { roles: [Operator] }, devices: [boiler], allow: ${allow} }`), [
      [{ device: "boiler", write: "pump", value: false }, "permit"],
      [{ device: "boiler", write: "pump", value: true }, "values"],
      [{ device: "boiler", function: 15, address: 0, values: [0] }, "permit"],
      [{ device: "boiler", function: 15, address: 0, values: [0, 0] }, "no-permit"],
      [{ device: "boiler", read: "pump" }, "permit"],
      [{ device: "boiler", read: "door" }, "permit"],
      [{ device: "boiler", read: "temperature" }, "permit"],
      [{ device: "boiler", write: "lamp", value: 1 }, "no-permit"],
    ]);
  });

  it("covers functions without registers by code, and a sub-function only by itself", () => {
    const allow = "[{ functions: [43/14, 8/0, 17, 65] }]";
    table(rules(`{ id: a, permit: { roles: [Operator] }, allow: ${allow} }`), [
      [{ unit: 2, function: "43/14" }, "permit"],
      [{ unit: 2, function: "43/13" }, "no-permit"],
      [{ unit: 2, function: "8/0" }, "permit"],
      [{ unit: 2, function: "8/1" }, "no-permit"],
      [{ unit: 2, function: 17 }, "permit"],
      [{ unit: 2, function: 65 }, "permit"],
      [{ unit: 2, function: 66 }, "no-permit"],
      [{ unit: 2, function: 90 }, "no-permit"],
    ]);
    const all = rules(
      "{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [8, 43] }] }",
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [8/1] }] }`,
    );
    table(all, [
      [{ unit: 2, function: "8/0" }, "permit"],
      [{ unit: 2, function: "8/1" }, "forbid"],
      [{ unit: 2, function: "43/13" }, "permit"],
    ]);
  });

  it("leaves out functions without registers when an entry has a table", () => {
    table(rules("{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [3, 4, 17], table: input }] }"), [
      [{ unit: 2, function: 4, address: 0 }, "permit"],
      [{ unit: 2, function: 3, address: 0 }, "no-permit"],
      [{ unit: 2, function: 17 }, "no-permit"],
    ]);
  });
});

describe("values are never clamped, requests never split", () => {
  it("refuses the whole request for one register outside", () => {
    const decide = rules(
      "{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [6, 16, 23], addresses: [0-9], min: 10, max: 20 }] }",
    );
    table(decide, [
      [{ unit: 2, function: 6, address: 0, value: 10 }, "permit"],
      [{ unit: 2, function: 6, address: 0, value: 20 }, "permit"],
      [{ unit: 2, function: 6, address: 0, value: 9 }, "min"],
      [{ unit: 2, function: 6, address: 0, value: 21 }, "max"],
      [{ unit: 2, function: 16, address: 0, values: [10, 15, 20] }, "permit"],
      [{ unit: 2, function: 16, address: 0, values: [10, 15, 21] }, "max"],
      [{ unit: 2, function: 23, read: { address: 0, quantity: 9 }, write: { address: 0, values: [15] } }, "permit"],
      [{ unit: 2, function: 23, read: { address: 0, quantity: 9 }, write: { address: 0, values: [5] } }, "min"],
    ]);
    expect(decide({ as: "Operator", unit: 2, function: 16, address: 3, values: [10, 15, 21] })).toMatchObject({
      firstUncovered: { table: "holding", address: 5 },
      failed: "max 20, got 21",
    });
  });

  it("takes any permit whose limits hold", () => {
    const decide = rules(
      "{ id: low, permit: { roles: [Operator] }, allow: [{ functions: [6], max: 10 }] }",
      "{ id: high, permit: { roles: [Operator] }, allow: [{ functions: [6], min: 90, values: [90, 95] }] }",
    );
    table(decide, [
      [{ unit: 2, function: 6, address: 0, value: 10 }, "permit"],
      [{ unit: 2, function: 6, address: 0, value: 95 }, "permit"],
      [{ unit: 2, function: 6, address: 0, value: 50 }, "max"],
      [{ unit: 2, function: 6, address: 0, value: 96 }, "max"],
    ]);
  });
});
