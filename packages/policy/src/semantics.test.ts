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

  it("wants read permission for the read halves of 22 and 23 too", () => {
    const write = `{ id: w, permit: { roles: [Operator] }, devices: [boiler], allow: [{ write: mode }] }`;
    const read = `{ id: r, permit: { roles: [Operator] }, devices: [boiler], allow: [{ read: mode }] }`;
    const mask = { device: "boiler", function: 22, address: 0, and: 0, or: 1 };
    const both = {
      device: "boiler",
      function: 23,
      read: { address: 0, quantity: 1 },
      write: { address: 0, values: [1] },
    };
    table(rules(write), [
      [mask, "no-permit"],
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

describe("broadcast is never implied", () => {
  it("wants unit 0 listed, or a device that claims it", () => {
    const write = { function: 6, address: 0, value: 1 } as const;
    const at = (target: string) => rules(`{ id: a, permit: { roles: "*" }, ${target} allow: [{ functions: [6] }] }`);
    table(at(""), [
      [{ unit: 0, ...write }, "no-permit"],
      [{ unit: 1, ...write }, "permit"],
      [{ unit: 255, ...write }, "permit"],
    ]);
    table(at("units: [1-255],"), [[{ unit: 0, ...write }, "no-permit"]]);
    table(at("units: [0],"), [
      [{ unit: 0, ...write }, "permit"],
      [{ unit: 1, ...write }, "no-permit"],
    ]);
    table(at("devices: [zero],"), [
      [{ device: "zero", ...write }, "permit"],
      [{ device: "boiler", ...write }, "no-permit"],
    ]);
  });

  it("is hit by a forbid that names no units", () => {
    const decide = rules(
      `{ id: a, permit: { roles: "*" }, units: [0], allow: [{ functions: [6] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [6] }] }`,
    );
    table(decide, [[{ unit: 0, function: 6, address: 0, value: 1 }, "forbid"]]);
  });
});

describe("the NULL role", () => {
  it(`is never in permit "*" and always in forbid "*"`, () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [9] }] }`,
      `{ id: g, forbid: { roles: [Viewer, Operator] }, deny: [{ functions: [3], addresses: [8] }] }`,
    );
    table(decide, [
      [{ unit: 2, function: 3, address: 0 }, "permit"],
      [{ unit: 2, function: 3, address: 0, as: null }, "unknown-subject"],
      [{ unit: 2, function: 3, address: 9, as: null }, "forbid"],
      [{ unit: 2, function: 3, address: 8, as: null }, "unknown-subject"],
      [{ unit: 2, function: 3, address: 8 }, "forbid"],
    ]);
  });

  it("is also everyone who is not in the registry, whatever role they carry", () => {
    const decide = rules(`{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`);
    expect(outcome(decide({ as: null, unit: 2, function: 3, address: 0 }))).toBe("unknown-subject");
  });

  it("is not a role that the policy does not declare, which nothing permits either", () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [9] }] }`,
    );
    table(decide, [
      [{ as: "Auditor", unit: 2, function: 3, address: 0 }, "no-permit"],
      [{ as: "Auditor", unit: 2, function: 3, address: 9 }, "forbid"],
    ]);
  });
});

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
