import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtinProfileNames, builtinProfileText, readProfile } from "@modwarden/profile";
import { builtinPlantNames, builtinPlantText, loadPlant } from "@modwarden/simulator";
import { describe, expect, it } from "vitest";
import { publishedSchemas } from "../../scripts/write-schemas.mjs";

const folder = fileURLToPath(new URL("../../schemas", import.meta.url));
const schemas: ReadonlyMap<string, unknown> = publishedSchemas();
const names = [...schemas.keys()];

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every object of a schema, with the place where it stands. */
function* nodes(value: unknown, place = "#"): Generator<readonly [place: string, node: Node]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* nodes(item, `${place}/${index}`);
  } else if (isNode(value)) {
    yield [place, value];
    for (const [key, part] of Object.entries(value)) yield* nodes(part, `${place}/${key}`);
  }
}

/** The schema of a key, by the dotted path of a file; `[]` stands for an element of a list. */
function schemaAt(name: string, path: string): unknown {
  return path.split(".").reduce<unknown>((schema, key) => {
    if (!isNode(schema)) return undefined;
    if (key === "[]") return schema["items"];
    return isNode(schema["properties"]) ? schema["properties"][key] : undefined;
  }, schemas.get(name));
}

describe("the published schemas", () => {
  it("are one file each, and nothing else stands beside them", () => {
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
  });

  it.each(names)("%s is what the code gives: run scripts/write-schemas.mjs after a change", (name) => {
    expect(JSON.parse(readFileSync(join(folder, name), "utf8"))).toEqual(schemas.get(name));
  });

  it.each(names)("%s lets no object have keys that are not listed", (name) => {
    const open = [...nodes(schemas.get(name))].filter(
      ([, node]) => isNode(node["properties"]) && node["type"] === "object" && node["additionalProperties"] !== false,
    );
    expect(open.map(([place]) => place)).toEqual([]);
  });

  it.each([
    ["site.schema.json", "metrics"],
    ["site.schema.json", "detect"],
    ["profile.schema.json", "points.[].limits.step"],
    ["profile.schema.json", "points.[].limits.slewPerSecond"],
  ])("%s takes nothing for %s, which this version does not act on", (name, path) => {
    expect(schemaAt(name, path)).toEqual({ not: {} });
  });
});

describe("the files that come with the rooms", () => {
  it.each([...builtinProfileNames])("profile %s reads", (name) => {
    expect(readProfile(builtinProfileText(name), `${name}.yaml`).blocks.length).toBeGreaterThan(0);
  });

  it.each([...builtinPlantNames])("plant %s loads", async (name) => {
    expect((await loadPlant([name])).units.length).toBeGreaterThan(0);
    expect(builtinPlantText(name)).toMatch(/^plant: 1$/m);
  });
});
