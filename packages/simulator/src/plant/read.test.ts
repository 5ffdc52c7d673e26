import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DocumentError } from "@modwarden/document";
import { builtinProfile, readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import {
  builtinPlantNames,
  builtinPlantText,
  loadPlant,
  Plant,
  plantJsonSchema,
  plantOfProfiles,
  readPlant,
} from "../index.ts";

const head = ["plant: 1", "name: test", "units:", "  - { unit: 3, profile: danfoss-fc51, id: drive }"];

/** What is wrong, as line, path, and the word that stands at the column named. */
function places(text: string, profileOf = builtinProfile): string[] {
  try {
    readPlant(text, "p.yaml", profileOf);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.problems.map(({ line, column, path }) => {
      const rest = text.split("\n")[line - 1]?.slice(column - 1) ?? "";
      return `${line} ${path} at ${/^\w*/.exec(rest)![0]}`;
    });
  }
  return [];
}
const unit = (entry: string) => [...head, `  - { ${entry} }`].join("\n");
const coupling = (entry: string) => [...head, "couplings:", `  - { ${entry} }`].join("\n");
const fault = (entry: string) => [...head, "faults:", `  - { ${entry} }`].join("\n");

describe("a plant file that cannot be used names the place", () => {
  it.each([
    ["an unknown key", unit("unit: 4, profile: memory, id: m, port: 1"), "5 units.1.port at port"],
    ["a unit twice", unit("unit: 3, profile: memory, id: m"), "5 units.1.unit at unit"],
    ["a name twice", unit("unit: 4, profile: memory, id: drive"), "5 units.1.id at id"],
    ["a name that is a word of the language", unit("unit: 4, profile: memory, id: min"), "5 units.1.id at id"],
    ["a unit that is none", unit("unit: 248, profile: memory, id: m"), "5 units.1.unit at unit"],
    ["a profile that is nowhere", unit("unit: 4, profile: nowhere, id: m"), "5 units.1.profile at profile"],
    [
      "a first value for no point",
      unit("unit: 4, profile: danfoss-fc51, id: m, set: { nobody: 1 }"),
      "5 units.1.set.nobody at nobody",
    ],
    [
      "a first value that does not fit",
      unit("unit: 4, profile: danfoss-fc51, id: m, set: { setpoint: -1 }"),
      "5 units.1.set.setpoint at setpoint",
    ],
    ["a coupling of no point", coupling('set: drive.nobody, to: "1"'), "6 couplings.0.set at set"],
    ["a coupling of no unit", coupling('set: nobody.power, to: "1"'), "6 couplings.0.set at set"],
    ["a coupling that is no expression", coupling('set: drive.power, to: "1 +"'), "6 couplings.0.to at to"],
    ["a coupling with an unknown name", coupling('set: drive.power, to: "meter.power"'), "6 couplings.0.to at to"],
    ["a coupling with a bare point", coupling('set: drive.power, to: "frequency"'), "6 couplings.0.to at to"],
    ["a coupling with a fault of a device", coupling('set: drive.power, to: "fault(trip)"'), "6 couplings.0.to at to"],
    ["a fault of a later version", fault("kind: wrong-unit"), "6 faults.0.kind at kind"],
    ["a fault without its delay", fault("kind: late-answer"), "6 faults.0.delayMs at "],
    ["a fault with another's key", fault("kind: no-answer, code: 4"), "6 faults.0.code at code"],
    ["a fault of no unit", fault("kind: no-answer, target: { unit: 9 }"), "6 faults.0.target.unit at unit"],
    ["a probability that is none", fault("kind: no-answer, probability: 2"), "6 faults.0.probability at probability"],
  ])("%s", (_, text, place) => {
    expect(places(text)).toEqual([place]);
  });

  it("refuses the same point in two couplings", () => {
    const text = [...head, "couplings:", '  - { set: drive.power, to: "1" }', '  - { set: drive.power, to: "2" }'].join(
      "\n",
    );
    expect(places(text)).toEqual(["7 couplings.1.set at set"]);
  });

  it("names the rule in the device file when a rule cannot be run", () => {
    const device = [
      "profile: 1",
      "device: { vendor: v, model: m, kind: k }",
      "blocks: [{ table: holding, address: 0, count: 9 }]",
      "points: [{ id: p, table: holding, address: 1, type: u16 }]",
      "behaviour:",
      "  rules:",
      '    - { set: p, to: "p + 1" }',
      '    - { set: p, to: "p + nobody" }',
    ].join("\n");
    const profile = readProfile(device, "device.yaml");
    const error = (() => {
      try {
        readPlant(head.join("\n"), "p.yaml", () => profile);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({
      file: "device.yaml",
      problems: [{ line: 8, column: 17, path: "behaviour.rules.1.to" }],
    });
  });

  it("refuses a state variable that is a word of the language", () => {
    const device = `profile: 1
device: { vendor: v, model: m, kind: k }
blocks: [{ table: holding, address: 0, count: 9 }]
behaviour:
  state: { t: 1 }
`;
    expect(() => new Plant(plantOfProfiles([readProfile(device, "d.yaml")]))).toThrow(DocumentError);
  });
});

describe("plants", () => {
  it.each([...builtinPlantNames])("%s is built in and runs", async (name) => {
    expect(builtinPlantText(name)).toContain("plant: 1");
    const plant = new Plant(await loadPlant([name]));
    plant.step(1000);
    expect(plant.name).toBe(name);
  });

  it("are made of profiles, with memory at every unit that is left", async () => {
    const plant = new Plant(await loadPlant(["eastron-sdm630", "memory", "danfoss-fc51"]));
    expect(plant.units.map(({ unit, profile }) => [unit, profile.name])).toEqual([
      [1, "eastron-sdm630"],
      [2, "danfoss-fc51"],
    ]);
    expect(plant.unitAt(3)?.profile.name).toBe("memory");
    expect(plant.unitAt(255)?.profile.name).toBe("memory");
    for (const unit of [0, 248, 254, 256]) expect(plant.unitAt(unit)).toBeUndefined();
  });

  it("a meter on its own has a load of its own", () => {
    const plant = new Plant(plantOfProfiles([builtinProfile("eastron-sdm630")]));
    plant.step(1000);
    expect(Number(plant.get(1, "power_total").value)).toBeGreaterThan(1000);
  });

  it("are read from files, with device files beside them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plant-"));
    try {
      await writeFile(
        join(folder, "tank.yaml"),
        "profile: 1\ndevice: { vendor: v, model: m, kind: k }\nblocks: [{ table: coil, address: 0, count: 1 }]\n",
      );
      await writeFile(
        join(folder, "plant.yaml"),
        "plant: 1\nname: n\nunits:\n  - { unit: 9, profile: tank.yaml, id: tank }\n",
      );
      await writeFile(
        join(folder, "wrong.yaml"),
        "plant: 1\nname: n\nunits:\n  - { unit: 9, profile: none.yaml, id: tank }\n",
      );
      expect((await loadPlant([join(folder, "plant.yaml")])).units[0]?.profile.name).toBe("tank");
      expect((await loadPlant([join(folder, "tank.yaml"), "memory"])).units).toHaveLength(1);
      await expect(loadPlant([join(folder, "wrong.yaml")])).rejects.toMatchObject({
        code: "ERR_DOCUMENT",
        problems: [{ line: 4 }],
      });
      await expect(loadPlant([join(folder, "plant.yaml"), "memory"])).rejects.toThrow(RangeError);
      await expect(loadPlant(["nobody"])).rejects.toThrow(RangeError);
      await expect(loadPlant([])).rejects.toThrow(RangeError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("are read as their format's page shows them", () => {
    const text = `plant: 1
name: energy-hall
units:
  - { unit: 1, profile: eastron-sdm630, id: meter }
  - { unit: 2, profile: sunspec-three-phase-inverter, id: inverter }
  - { unit: 3, profile: danfoss-fc51, id: drive, set: { setpoint: 40 } }
  - { unit: 4, profile: sungrow-shx-hybrid-inverter, id: battery }
couplings:
  - { set: meter.power_total, to: "drive.power + 2000 + noise(300) - inverter.power - battery.power" }
faults:
  - { kind: late-answer, target: { unit: 3, functions: [3] }, delayMs: 1500, probability: 0.01 }
`;
    const plant = new Plant(readPlant(text, "plant.yaml", builtinProfile));
    expect(Number(plant.get("drive", "setpoint").value)).toBeCloseTo(40, 2);
    expect(plant.lineFaults.list()).toHaveLength(1);
  });

  it("have a JSON Schema", () => {
    expect(plantJsonSchema()).toMatchObject({ additionalProperties: false, required: ["plant", "name", "units"] });
  });
});
