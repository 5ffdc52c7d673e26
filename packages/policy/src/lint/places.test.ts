import { describe, expect, it } from "vitest";
import { lintOf, pressSite } from "../testing/lint-site.ts";

const permit = (more: string) => `{ id: a, permit: { roles: [Viewer] }, allow: [{ functions: [3] }], ${more} }`;
const [tls, tcp] = pressSite.listeners;
const only = (rule: string, code: string, site: object = {}) =>
  lintOf([rule], { site: { ...pressSite, ...site } }).filter((line) => line.startsWith(code));

describe("where a rule would have to count", () => {
  it("is not judged without a site", () => {
    expect(lintOf([permit("units: [9], when: { zones: [hall-9], transports: [udp] }")], {})).toEqual([]);
  });

  it("is told of a gateway that has no such place", () => {
    const rule = permit("when: { zones: [hall-3] }");
    expect(only(rule, "elsewhere", { location: { site: "demo" } })).toEqual([
      "elsewhere rules.0.when.zones: the rule counts for zones hall-3, and this gateway has none: it never counts here",
    ]);
    expect(only(rule, "elsewhere", { location: { zone: "hall-3" } })).toEqual([]);
  });

  it("is told of the listener that is not there, and not of the one that is", () => {
    const rule = permit(`when: { listeners: ["${tls.url}", "modbus+tls://0.0.0.0:8802"] }`);
    expect(only(rule, "listener-unknown")).toEqual([
      expect.stringContaining("rules.0.when.listeners.1: there is no listener modbus+tls://0.0.0.0:8802"),
    ]);
  });

  it("is told of sources without an identity, and of listeners that have none at all", () => {
    const rule = permit("when: { transports: [tcp], sources: [10.0.0.0/24, 10.1.0.0/16] }");
    expect(only(rule, "source-unmapped")).toEqual([
      "source-unmapped rules.0.when.sources.1: no client of 10.1.0.0/16 gets through: the listeners have 10.0.0.5/32",
    ]);
    const bare = only(rule, "source-unmapped", { listeners: [{ ...tcp, sources: [] }] });
    expect(bare).toHaveLength(2);
    expect(bare[0]).toMatch(/the listeners have none$/);
    expect(only(rule, "source-unmapped", { listeners: [{ ...tcp, sources: ["hmi"] }] })).toHaveLength(2);
    // Over TLS whoever has a certificate gets through, from anywhere.
    expect(only(permit("when: { sources: [10.1.0.0/16] }"), "source-unmapped")).toEqual([]);
  });

  it("is not told of a device that the site does not have: that is a finding of its own", () => {
    const found = lintOf([permit("devices: [press, prss], when: { transports: [tcp] }")]);
    expect(found.map((line) => line.split(":", 1)[0])).toEqual([
      "device-unreachable rules.0.devices.0",
      "name-unknown rules.0.devices.1",
    ]);
  });
});

it("wants the transport of writes named where there is no TLS, and nothing of a rule that forbids or reads", () => {
  const listeners = [tcp];
  const writing = "allow: [{ functions: [3, 16] }]";
  const code = "write-without-transport";
  expect(only(`{ id: a, permit: { roles: [Viewer] }, ${writing} }`, code, { listeners })).toHaveLength(1);
  expect(only(`{ id: a, permit: { roles: [Viewer] }, ${writing} }`, code)).toEqual([]);
  expect(
    only(`{ id: a, permit: { roles: [Viewer] }, ${writing}, when: { transports: [tcp] } }`, code, { listeners }),
  ).toEqual([]);
  expect(only(permit("units: [3]"), code, { listeners })).toEqual([]);
  expect(only('{ id: a, forbid: { roles: "*" }, deny: [{ functions: [16] }] }', code, { listeners })).toEqual([]);
});
