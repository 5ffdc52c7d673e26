import { describe, expect, it } from "vitest";
import { cedarRequests, exportPolicy, questionFor, readPolicy } from "../../index.ts";
import { devices } from "../../testing/site.ts";

const text = `policy: 1
roles: [Operator]
rules:
  - id: set
    permit: { roles: [Operator] }
    devices: [boiler]
    allow: [{ write: target, min: 0.5, max: 80, maxStep: 10, perSeconds: 60 }]
    when: { hours: "Mon-Fri 22:00-06:00", tz: Europe/Berlin, interlock: { point: door, equals: 0, maxAgeMs: 2000 } }
    rate: { requests: 5, perSeconds: 1 }
  - { id: tried, mode: shadow, permit: { roles: [Operator] }, allow: [{ functions: [6] }] }
  - { id: never, forbid: { roles: "*" }, deny: [{ functions: [8/1] }] }
`;
const file = readPolicy(text, "policy.yaml").value;
const header = { policy: "0123456789abcdef", mode: "enforce", time: "2026-11-21T09:14:03Z" } as const;

describe("the requests of a question", () => {
  it("are one for each element, of function 23 the written ones and then the read ones", () => {
    const question = questionFor(
      {
        ...{ as: "Operator", device: "boiler", function: 23, from: "10.0.0.5", at: "2026-11-21T09:14:03Z" },
        ...{ read: { address: 0, quantity: 2 }, write: { address: 1, values: [300] } },
        known: { target: { value: 25, ageMs: 40 }, door: false },
      },
      devices,
    );
    const requests = cedarRequests(question, file, devices, { site: "plant", gateway: "gw1" });
    expect(requests.map(({ action, resource }) => `${action.id} ${resource.id}`)).toEqual([
      "write boiler holding 1",
      "read boiler holding 0",
      "read boiler holding 1",
    ]);
    expect(requests[0]?.context).toMatchObject({
      ...{ function: 23, transport: "tls", site: "plant", gateway: "gw1", value: 300, raw: { target: 300n } },
      source: { __extn: { fn: "ip", arg: "10.0.0.5" } },
      local: { "Europe/Berlin": { day: 5, minute: 614 } },
      known: { door: { value: 0n, ageMs: 0 } },
      move: { target: { by: 50n, ageMs: 40 } },
    });
    expect(requests[1]?.context).not.toHaveProperty("value");
  });

  it("are none where an element cannot exist: that is a refusal", () => {
    const question = questionFor({ as: "Operator", device: "boiler", function: 3, address: 0, quantity: 1 }, devices);
    const [access] = question.accesses;
    const beyond = { ...question, accesses: [{ ...access!, address: 65_535, quantity: 2 }] };
    expect(cedarRequests(question, file, devices)).toHaveLength(1);
    expect(cedarRequests(beyond, file, devices)).toEqual([]);
    expect(cedarRequests({ ...question, accesses: [] }, file, devices)).toEqual([]);
    expect(cedarRequests({ ...question, unit: 256 }, file, devices)).toEqual([]);
  });
});

it("the text says what it was made from, names what it leaves out, and has each condition once", () => {
  const cedar = exportPolicy("cedar", file, devices, header);
  expect(cedar).toContain(
    "// modwarden policy 0123456789abcdef, mode enforce, site none given, 2026-11-21T09:14:03Z\n",
  );
  expect(cedar).toContain('left out: "tried"');
  expect(cedar).not.toContain('@id("tried');
  for (const part of [
    'context.raw["target"] >= 5 && context.raw["target"] <= 800',
    'context.move["target"].ageMs <= 5000 && context.move["target"].by <= 100',
    'context.slew["target in 60 s"] <= 100',
    "[0, 1, 2, 3, 4].contains(",
    "[1, 2, 3, 4, 5].contains(",
    ".minute >= 1320",
    'context.known["door"].value == 0',
    'context.tokens.contains("set")',
  ]) {
    expect(cedar.split(part), part).toHaveLength(2);
  }
});
