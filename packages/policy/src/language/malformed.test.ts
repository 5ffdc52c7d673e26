import { DocumentError } from "@modwarden/document";
import { describe, expect, it } from "vitest";
import { compilePolicy, policyJsonSchema, readPolicy } from "../index.ts";
import { type Malformed, malformedFiles } from "../testing/malformed.ts";
import { devices } from "../testing/site.ts";

/** The first problem as a person sees it: file:line:column and a sentence. */
function told(text: string): string {
  try {
    compilePolicy(readPolicy(text, "policy.yaml"), devices);
  } catch (error) {
    if (error instanceof DocumentError) return error.message.split("\n", 1)[0] ?? "";
    throw error;
  }
  throw new Error("a DocumentError was expected");
}

function placeOf({ file }: Malformed): string {
  const before = file.slice(0, file.indexOf("§")).split("\n");
  return `policy.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: `;
}

/** The path of every key that the published schema knows; `*` is any entry of a list or map. */
function keysOf(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, items, anyOf, additionalProperties } = schema as Readonly<Record<string, unknown>>;
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  return [
    ...Object.entries(properties ?? {}).flatMap(([key, part]) => [below(key), ...keysOf(part, below(key))]),
    ...keysOf(items, below("*")),
    ...keysOf(additionalProperties, below("*")),
    ...(Array.isArray(anyOf) ? anyOf.flatMap((part) => keysOf(part, path)) : []),
  ];
}

/** Both effects of a rule have the same subjects and entries; so have one interlock and a list of them. */
const oneOfTwins = (key: string) =>
  key
    .replace("rules.*.forbid.", "rules.*.permit.")
    .replace("rules.*.deny.*", "rules.*.allow.*")
    .replace("interlock.*.", "interlock.");

describe("a malformed policy file", () => {
  it.each(malformedFiles)("$key: $says · $file", (malformed) => {
    const message = told(malformed.file.replace("§", ""));
    expect(message.slice(0, placeOf(malformed).length)).toBe(placeOf(malformed));
    expect(message).toContain(malformed.says);
  });

  it("is here once at least for every key of the language", () => {
    const known = new Set(keysOf(policyJsonSchema(), "").map(oneOfTwins));
    const wrong = new Set(malformedFiles.map(({ key }) => oneOfTwins(key)));
    expect([...known].filter((key) => !wrong.has(key))).toEqual([]);
    expect([...known].length).toBeGreaterThanOrEqual(60);
  });
});
