import { DocumentError } from "@modwarden/document";
import { describe, expect, it } from "vitest";
import { builtinProfileText, profileJsonSchema, readProfile } from "./index.ts";

/** The first line is line 4 of the file. */
function file(...lines: string[]): string {
  return [
    "profile: 1",
    "device: { vendor: v, model: m, kind: k }",
    "blocks: [{ table: holding, address: 0, count: 100 }, { table: input, address: 0, count: 100 }]",
    ...lines,
  ].join("\n");
}
/** What is wrong, as line, path, and the word that stands at the column named. */
function places(text: string): string[] {
  try {
    readProfile(text, "d.yaml");
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    expect(error.code).toBe("ERR_DOCUMENT");
    return error.problems.map(({ line, column, path }) => {
      const rest = text.split("\n")[line - 1]!.slice(column - 1);
      return `${line} ${path} at ${/^\w*/.exec(rest)![0]}`;
    });
  }
  return [];
}
const point = (...entries: string[]) => file("points:", ...entries.map((entry) => `  - { ${entry} }`));
const p = "table: holding, type: u16";

describe("a device file that cannot be used names the place", () => {
  it.each([
    ["an unknown key", file("color: red"), "4 color at color"],
    ["another version", file().replace("profile: 1", "profile: 2"), "1 profile at profile"],
    ["a missing section", "profile: 1\ndevice: { vendor: v, model: m, kind: k }\n", "1 blocks at profile"],
    ["an unknown key of a point", point(`id: a, address: 1, ${p}, colour: red`), "5 points.0.colour at colour"],
    [
      "step, which nobody judges yet",
      point(`id: a, address: 1, ${p}, limits: { step: 1 }`),
      "5 points.0.limits.step at step",
    ],
    [
      "slew, which nobody judges yet",
      point(`id: a, address: 1, ${p}, limits: { slewPerSecond: 1 }`),
      "5 points.0.limits.slewPerSecond at slewPerSecond",
    ],
    ["a point without type", point("id: a, table: holding, address: 1"), "5 points.0.id at id"],
    ["a name twice", point(`id: a, address: 1, ${p}`, `id: a, address: 2, ${p}`), "6 points.1.id at id"],
    [
      "two points that overlap",
      point("id: a, table: holding, address: 1, type: u32", `id: b, address: 2, ${p}`),
      "6 points.1.address at address",
    ],
    [
      "an overlap under a wide point",
      point("id: a, table: holding, address: 1, type: u64", `id: b, address: 4, ${p}`),
      "6 points.1.address at address",
    ],
    [
      "a point outside the blocks",
      point("id: a, table: holding, address: 99, type: u32"),
      "5 points.0.address at address",
    ],
    [
      "a count that is not the type's",
      point("id: a, table: holding, address: 1, type: f32, count: 4"),
      "5 points.0.count at count",
    ],
    ["text without count", point("id: a, table: holding, address: 1, type: string"), "5 points.0.type at type"],
    ["a wrong word order", point(`id: a, address: 1, ${p}, order: AB`), "5 points.0.order at order"],
    ["a register type in a bit table", point("id: a, table: coil, address: 1, type: u16"), "5 points.0.type at type"],
    [
      "writing an input",
      point("id: a, table: input, address: 1, type: u16, access: rw"),
      "5 points.0.access at access",
    ],
    [
      "a scale that is nowhere",
      point(`id: a, address: 1, ${p}, scale: { point: sf }`),
      "5 points.0.scale.point at point",
    ],
    [
      "a scale that is text",
      point(
        `id: a, address: 1, ${p}, scale: { point: b }`,
        "id: b, table: holding, address: 9, count: 1, type: string",
      ),
      "5 points.0.scale.point at point",
    ],
    ["a scale of zero", point(`id: a, address: 1, ${p}, scale: 0`), "5 points.0.scale at scale"],
    [
      "a scale on text",
      point("id: a, table: holding, address: 1, count: 1, type: string, scale: 2"),
      "5 points.0.scale at scale",
    ],
    ["a bit outside the width", point(`id: a, address: 1, ${p}, bits: { 16: x }`), "5 points.0.bits.16 at 16"],
    ["two bits of one name", point(`id: a, address: 1, ${p}, bits: { 1: x, 2: x }`), "5 points.0.bits at bits"],
    [
      "an enumeration outside the type",
      point(`id: a, address: 1, ${p}, enum: { 65536: x }`),
      "5 points.0.enum.65536 at 65536",
    ],
    [
      "a pattern wider than the point",
      point(`id: a, address: 1, ${p}, nan: [0, 0x10000]`),
      "5 points.0.nan.1 at 0x10000",
    ],
    ["min above max", point(`id: a, address: 1, ${p}, limits: { min: 2, max: 1 }`), "5 points.0.limits.min at min"],
    [
      "limits on a scale in a register",
      point(
        `id: a, address: 1, ${p}, scale: { point: s }, limits: { max: 1 }`,
        "id: s, table: holding, address: 5, type: scaleFactor",
      ),
      "5 points.0.limits at limits",
    ],
    [
      "overlapping blocks",
      "profile: 1\ndevice: { vendor: v, model: m, kind: k }\nblocks:\n  - { table: coil, address: 0, count: 9 }\n  - { table: coil, address: 8, count: 9 }\n",
      "5 blocks.1.address at address",
    ],
    [
      "a block behind the last address",
      "profile: 1\ndevice: { vendor: v, model: m, kind: k }\nblocks:\n  - { table: coil, address: 65535, count: 2 }\n",
      "4 blocks.0.count at count",
    ],
  ])("%s", (_, text, place) => {
    expect(places(text)).toEqual([place]);
  });

  it("names each thing that is wrong, not the first only", () => {
    expect(
      places(point(`id: a, address: 1, ${p}, bits: { 16: x }`, `id: b, address: 2, ${p}, limits: { min: 2, max: 1 }`)),
    ).toHaveLength(2);
  });

  it("lets aliases overlap", () => {
    expect(
      places(point("id: a, table: holding, address: 1, type: u32", `id: b, address: 2, ${p}, alias: true`)),
    ).toEqual([]);
  });
});

describe("golden vectors are checked by reading the file", () => {
  const golden = (...entries: string[]) =>
    file(
      "points:",
      "  - { id: a, table: holding, address: 1, type: u16, scale: 0.1 }",
      "  - { id: w, table: holding, address: 3, type: s16, scale: { point: sf } }",
      "  - { id: sf, table: holding, address: 4, type: scaleFactor }",
      "golden:",
      ...entries.map((entry) => `  - { ${entry} }`),
    );
  it.each([
    ["a true one", "point: a, words: [499], value: 49.9", undefined],
    ["a wrong value", "point: a, words: [499], value: 49.8", "9 golden.0.value at value"],
    ["an unknown point", "point: b, words: [499], value: 49.9", "9 golden.0.point at point"],
    ["too many words", "point: a, words: [0, 499], value: 49.9", "9 golden.0.words at words"],
    ["a value that is said to be none", "point: a, words: [499], value: null", "9 golden.0.value at value"],
    ["an unknown scale", "point: w, words: [2500], value: 250", "9 golden.0.point at point"],
    ["a known scale", "point: w, words: [2500], value: 250, with: { sf: -1 }", undefined],
    [
      "a scale that does not fit",
      "point: w, words: [2500], value: 250, with: { sf: 70000 }",
      "9 golden.0.with at with",
    ],
  ])("%s", (_, entry, place) => {
    expect(places(golden(entry))).toEqual(place === undefined ? [] : [place]);
  });
});

describe("behaviour names what exists", () => {
  const behaviour = (line: string) =>
    file(
      "points:",
      `  - { id: a, address: 1, ${p} }`,
      "  - { id: n, table: holding, address: 5, type: string, count: 2 }",
      "behaviour:",
      `  ${line}`,
    );
  it.each([
    ["rules: [{ set: b, to: '1' }]", "8 behaviour.rules.0.set at set"],
    ["rules: [{ set: n, to: '1' }]", "8 behaviour.rules.0.set at set"],
    ["state: { a: 1 }", "8 behaviour.state.a at a"],
    ["set: { b: 1 }", "8 behaviour.set.b at b"],
    ["set: { a: 70000 }", "8 behaviour.set.a at a"],
    ["set: { n: abcde }", "8 behaviour.set.n at n"],
    ["stepMs: 1", "8 behaviour.stepMs at stepMs"],
  ])("%s", (line, place) => {
    expect(places(behaviour(line))).toEqual([place]);
  });
});

describe("the JSON Schema", () => {
  it("says the keys of the file, and which it does not take yet", () => {
    const schema = JSON.stringify(profileJsonSchema());
    expect(JSON.parse(schema)).toMatchObject({
      type: "object",
      additionalProperties: false,
      required: expect.arrayContaining(["profile", "device", "blocks"]),
    });
    expect(schema).toContain('"slewPerSecond":{"not":{}}');
  });

  it("lets what it defaults be left out, so that the built-in files fit it", () => {
    const { required } = profileJsonSchema() as { required: string[] };
    for (const key of required) expect(builtinProfileText("eastron-sdm630")).toMatch(new RegExp(`^${key}:`, "m"));
  });
});
