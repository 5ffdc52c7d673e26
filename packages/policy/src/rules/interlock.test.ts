import { describe, expect, it } from "vitest";
import { compilePolicy, type PolicyDevice, readPolicy } from "../index.ts";
import { problemsOf } from "../testing/ask.ts";
import { boiler, devices } from "../testing/site.ts";
import { resolveInterlock } from "./interlock.ts";

/** What is wrong with a rule of these words and this interlock; where, as `line:column`. */
function places(target: string, point: string, site: readonly PolicyDevice[] = devices): readonly string[] {
  const rule = `{ id: a, permit: { roles: [A] }, ${target} allow: [{ functions: [6] }],\n      when: { interlock: { point: ${point}, equals: 1, maxAgeMs: 9 } } }`;
  const document = readPolicy(`policy: 1\nroles: [A]\nrules:\n  - ${rule}\n`, "policy.yaml");
  try {
    compilePolicy(document, site);
  } catch {
    return problemsOf(() => compilePolicy(document, site)).map((problem) => problem.slice(0, problem.indexOf(" ")));
  }
  return [];
}

const HERE = "5:28";

describe("the point of an interlock", () => {
  it.each([
    ["devices: [boiler],", "mode"],
    ["devices: [plain],", "boiler.mode"],
    ["", "boiler.mode"],
    ["devices: [boiler],", "flags.pump"],
    ["devices: [boiler],", "flags.fan"],
    ["devices: [boiler],", "flags.15"],
    ["devices: [boiler],", "counter.31"],
    ["devices: [plain],", "boiler.energy.63"],
    ["devices: [boiler],", "level"],
    ["devices: [boiler],", "door"],
    ["devices: [boiler, zero],", "door"],
  ])("is found: %s %s", (target, point) => {
    expect(places(target, point)).toEqual([]);
  });

  it.each([
    ["of a device without a profile", "devices: [plain],", "mode"],
    ["of another device without a profile", "devices: [boiler],", "plain.mode"],
    ["that the device does not have", "devices: [boiler],", "missing"],
    ["that the other device does not have", "devices: [plain],", "boiler.missing"],
    ["with too many parts", "devices: [boiler],", "flags.pump.more"],
    ["of no device that is asked", "units: [9],", "mode"],
    ["that is text", "devices: [boiler],", "title"],
    ["that is text, of another device", "devices: [plain],", "boiler.title"],
    ["with a bit that has no such name", "devices: [boiler],", "flags.valve"],
    ["with a bit that it does not have", "devices: [boiler],", "flags.16"],
    ["with a bit that is no whole number", "devices: [boiler],", '"flags.-1"'],
    ["with a bit of 32", "devices: [boiler],", "counter.32"],
    ["with a bit of an f32", "devices: [boiler],", "level.3"],
    ["with a bit of text", "devices: [boiler],", "title.3"],
    ["with a bit of a switch", "devices: [boiler],", "enabled.0"],
  ])("is refused at its place: %s", (_what, target, point) => {
    expect(places(target, point)).toEqual([HERE]);
  });

  it("is refused at its place in a list", () => {
    const list = (...points: readonly string[]): readonly string[] => {
      const interlocks = points.map((point) => `{ point: ${point}, equals: 1, maxAgeMs: 9 }`).join(",\n");
      const rule = `{ id: a, permit: { roles: [A] }, devices: [boiler], allow: [{ functions: [6] }],\nwhen: { interlock: [\n${interlocks}] } }`;
      const document = readPolicy(
        `policy: 1\nroles: [A]\nrules:\n  - ${rule.replaceAll("\n", "\n      ")}\n`,
        "policy.yaml",
      );
      return problemsOf(() => compilePolicy(document, devices)).map((problem) =>
        problem.slice(0, problem.indexOf(" ")),
      );
    };
    expect(list("missing", "door")).toEqual(["6:9"]);
    expect(list("door", "missing")).toEqual(["7:9"]);
    expect(list("door", "mode", "title")).toEqual(["8:9"]);
  });

  it("is refused as a bit of a double, and with the names of the bits that there are", () => {
    const double = { ...boiler.point("energy")!, type: "f64" } as const;
    const profile = { ...boiler, point: (id: string) => (id === "double" ? double : boiler.point(id)) };
    const site = [{ id: "boiler", unit: 1, profile }];
    const interlock = (point: string) => ({ point, equals: 1, maxAgeMs: 9 });
    const said = (point: string): readonly string[] => {
      const problems: string[] = [];
      resolveInterlock(interlock(point), [], site, site, (_path, message) => problems.push(message));
      return problems;
    };
    expect([said("double.3").length, said("double").length, said("energy.3").length]).toEqual([1, 0, 0]);
    expect(said("flags.valve")).toEqual([expect.stringContaining("pump, fan")]);
    expect(said("counter.valve")).toEqual([expect.not.stringContaining("it has")]);
  });

  it("is refused once for each device that is asked and lacks it", () => {
    const rule = "units: [1-2],";
    expect(
      places(rule, "door", [
        { id: "one", unit: 1 },
        { id: "two", unit: 2 },
      ]),
    ).toEqual([HERE, HERE]);
    expect(
      places(rule, "title", [
        { id: "one", unit: 1, profile: boiler },
        { id: "two", unit: 2, profile: boiler },
      ]),
    ).toEqual([HERE]);
  });

  it("is that of the device that is asked where a point has a device's name", () => {
    expect(places("devices: [door],", "door", [{ id: "door", unit: 1, profile: boiler }])).toEqual([]);
  });
});
