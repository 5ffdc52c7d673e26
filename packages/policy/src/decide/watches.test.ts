import { expect, it } from "vitest";
import type { Watch } from "../index.ts";
import { policyOf } from "../testing/site.ts";

const watched = (...lines: readonly string[]): readonly Omit<Watch, "raw">[] => {
  const list = lines.map((line, index) => `  - { id: r${index}, permit: { roles: "*" }, ${line} }\n`).join("");
  const { policy } = policyOf(`policy: 1\nroles: [A]\nrules:\n${list}`);
  return policy.watches.map(({ raw: _raw, ...watch }) => watch);
};
const register = (device: string, address: number, seconds: number): Omit<Watch, "raw"> => ({
  ...{ device, table: "holding", address, quantity: 1, withinMs: seconds * 1000 },
});

it("follows each point once, for the longest time that a rule asks", () => {
  const rule = (seconds: number): string =>
    `devices: [boiler], allow: [{ write: target, maxStep: 1, perSeconds: ${seconds} }]`;
  expect(watched(rule(2), rule(60), rule(5))).toEqual([register("boiler", 1, 60)]);
});

it("follows registers on the devices that the rule is about, in the tables that it is about", () => {
  const entry = "allow: [{ functions: [6, 16], addresses: [35], maxStep: 1, perSeconds: 3 }]";
  expect(watched(`devices: [plain], ${entry}`)).toEqual([register("plain", 35, 3)]);
  expect(watched(`units: [2], ${entry}`)).toEqual([register("plain", 35, 3)]);
  expect(watched(entry).map(({ device }) => device)).toEqual(["boiler", "plain", "zero"]);
  const both = "functions: [15, 16], addresses: [35], maxStep: 1, perSeconds: 3";
  expect(watched(`devices: [plain], allow: [{ ${both}, table: holding }]`)).toEqual([register("plain", 35, 3)]);
  expect(watched(`devices: [plain], allow: [{ ${both} }]`).map(({ table }) => table)).toEqual(["coil", "holding"]);
});

it("follows nothing without a time", () => {
  expect(watched("devices: [boiler], allow: [{ write: target, maxStep: 1 }, { write: mode }]")).toEqual([]);
  expect(watched("allow: [{ functions: [6], maxStep: 1 }, { functions: [3] }]")).toEqual([]);
});
