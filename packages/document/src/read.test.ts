import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DocumentError, notYet, readDocument } from "./index.ts";

const schema = z.strictObject({
  site: z.literal(1),
  devices: z.array(z.strictObject({ id: z.string(), unit: z.int().min(1).max(247), hours: notYet("hours") })),
});

function problemsOf(text: string): string {
  try {
    readDocument(text, "site.yaml", schema);
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  throw new Error("expected a DocumentError");
}

describe("readDocument", () => {
  it("returns the value of YAML and of JSON", () => {
    expect(readDocument("site: 1\ndevices: [{ id: a, unit: 3 }]", "site.yaml", schema).value.devices[0]?.unit).toBe(3);
    expect(readDocument('{"site":1,"devices":[]}', "site.json", schema).value.devices).toEqual([]);
  });

  it("names file:line:column of a wrong value", () => {
    expect(problemsOf("site: 1\ndevices:\n  - id: a\n    unit: 300\n")).toContain("site.yaml:4:5:");
  });

  it("points at an unknown key itself", () => {
    expect(problemsOf("site: 1\ndevices:\n  - id: a\n    unit: 3\n    color: red\n")).toContain(
      'site.yaml:5:5: unknown key "color"',
    );
  });

  it("says what is missing, where it should stand", () => {
    expect(problemsOf("site: 1\ndevices:\n  - id: a\n")).toBe('site.yaml:3:5: "unit" is missing: a number is wanted');
    expect(problemsOf("site: 1\n")).toBe('site.yaml:1:1: "devices" is missing: a list is wanted');
  });

  it("refuses a key that is not acted on yet, and says so", () => {
    expect(problemsOf("site: 1\ndevices:\n  - { id: a, unit: 3, hours: x }\n")).toMatch(
      /site\.yaml:3:23: "hours" is part of the format, but this version does not act on it yet/,
    );
  });

  it("says what is wanted and what came, of several possible forms too", () => {
    const forms = z.strictObject({
      a: z.union([z.int().max(9), z.literal("*"), z.strictObject({ label: z.string() })]),
    });
    const told = (text: string) => {
      try {
        readDocument(text, "f.yaml", forms);
        return "";
      } catch (error) {
        return error instanceof DocumentError ? error.message : String(error);
      }
    };
    expect(told("a: []")).toBe('f.yaml:1:1: a: a number or "*" or a map is wanted, got a list');
    expect(told("a: 10")).toContain("9 is the most");
    expect(told("a: { label: 3 }")).toMatch(/^f\.yaml:1:6: .*a text is wanted, got 3$/);
    expect(told("a: { lable: x }")).toBe('f.yaml:1:6: unknown key "lable"; did you mean "label"?');
    expect(told("b: 1")).toContain('"a" is missing: a number or "*" or a map is wanted');
  });

  it("names the place of an alias without anchor and of a tag without meaning, and tells an empty file", () => {
    expect(problemsOf("site: 1\ndevices: *none\n")).toMatch(/^site\.yaml:2:10: /);
    expect(problemsOf("site: 1\ndevices: !secret []\n")).toMatch(/^site\.yaml:2:10: /);
    expect(problemsOf("# nothing\n")).toBe("site.yaml:1:1: the file is empty");
  });

  it("names the place of a syntax error and of a duplicate key", () => {
    expect(problemsOf("site: [1\n")).toMatch(/^site\.yaml:\d+:\d+: /);
    expect(problemsOf("site: 1\nsite: 1\ndevices: []\n")).toContain("site.yaml:2:1:");
  });

  it("refuses a small file that aliases would grow into a large value", () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? "a0: &a0 [x]"
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(",")}]`,
    );
    expect(problemsOf(levels.join("\n"))).toMatch(/alias/i);
  });

  it("lets a later check fail at a place", () => {
    const document = readDocument("site: 1\ndevices:\n  - { id: a, unit: 3 }\n", "site.yaml", schema);
    expect(() => document.fail(["devices", 0, "unit"], "unit 3 is taken")).toThrowError("site.yaml:3:14: ");
  });
});
