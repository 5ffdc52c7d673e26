import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type House, type Room, readHouse } from "./rooms.ts";
import { violations } from "./rules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the house", () => {
  it("stands as it was drawn: no upward, undeclared or side-door import, and every door says what it is for", () => {
    const house = readHouse(root);
    expect(house.rooms.length).toBeGreaterThan(10);
    expect(violations(house)).toEqual([]);
  });
});

/** Three rooms, each allowed the one before it, and a file in the middle one. */
function houseWith(text: string, change: Partial<Room> = {}, path = "packages/middle/src/a.ts"): House {
  const room = (name: string, dependencies: readonly string[], references: readonly string[]): Room => ({
    directory: `packages/${name}`,
    name: `@modwarden/${name}`,
    dependencies,
    devDependencies: [],
    references,
    files: [{ path: `packages/${name}/src/index.ts`, text: "/** What it is for. */\nexport {};\n" }],
  });
  const middle = room("middle", ["@modwarden/protocol"], ["packages/protocol"]);
  return {
    rooms: [
      room("protocol", [], []),
      { ...middle, files: [...middle.files, { path, text }], ...change },
      room("top", ["@modwarden/middle"], ["packages/middle"]),
    ],
    testTools: ["vitest"],
  };
}

describe("the rules", () => {
  it.each([
    ["a declared room", 'import { a } from "@modwarden/protocol";'],
    ["a builtin", 'import { readFileSync } from "node:fs";'],
    ["its own files", 'import { a } from "./b.ts";'],
    ["an import in a comment", '// import "@modwarden/top"\n/* import("@modwarden/top") */'],
    ["an import in a string", "const text = 'import \"@modwarden/top\"';"],
  ])("allow %s", (_, text) => {
    expect(violations(houseWith(text))).toEqual([]);
  });

  it.each([
    ["an upward import", 'import { a } from "@modwarden/top";'],
    ["an upward type import", 'import type { A } from "@modwarden/top";'],
    ["an upward type in passing", 'export type A = import("@modwarden/top").A;'],
    ["an upward dynamic import", 'const a = await import("@modwarden/top");'],
    ["an upward export", 'export * from "@modwarden/top";'],
    ["an import without effect on names", 'import "@modwarden/top";'],
    ["itself by name", 'import { a } from "@modwarden/middle";'],
    ["an undeclared package", 'import { z } from "zod";'],
    ["a path past the door", 'import { a } from "@modwarden/protocol/src/a.ts";'],
    ["a path past the door through the file system", 'import { a } from "../../protocol/src/a.ts";'],
    ["another room's file as a URL", 'new Worker(new URL("../../protocol/src/a.ts", import.meta.url));'],
    ["a computed import", "await import(name);"],
    ["a test tool outside a test", 'import { it } from "vitest";'],
  ])("refuse %s", (_, text) => {
    expect(violations(houseWith(text))).toHaveLength(1);
  });

  it("refuse an upward import in a test too, and let a test use its tools", () => {
    const path = "packages/middle/src/a.test.ts";
    expect(violations(houseWith('import { it } from "vitest";', {}, path))).toEqual([]);
    expect(violations(houseWith('import { a } from "@modwarden/top";', {}, path))).toHaveLength(1);
  });

  it("refuse a declared upward dependency", () => {
    const change = { dependencies: ["@modwarden/top"], references: ["packages/top"] };
    expect(violations(houseWith("", change))).toHaveLength(1);
  });

  it("refuse references that are not the declared dependencies", () => {
    expect(violations(houseWith("", { references: [] }))).toHaveLength(1);
    expect(violations(houseWith("", { references: ["packages/protocol", "packages/top"] }))).toHaveLength(1);
  });

  it.each([["export {};\n"], ["// A room.\nexport {};\n"], ["\n/** A room. */\nexport {};\n"], ["/** A room */\n"]])(
    "refuse a door that opens with %j",
    (text) => {
      expect(violations(houseWith("", { files: [{ path: "packages/middle/src/index.ts", text }] }))).toHaveLength(1);
    },
  );

  it("refuse a room without a door", () => {
    expect(violations(houseWith("", { files: [] }))).toHaveLength(1);
  });

  it.each([["import { a } from 'node:fs';"], ["import { a } from 'fs';"], ["export const a = Buffer.alloc(1);"]])(
    "refuse %s in the pure room",
    (text) => {
      const [protocol, ...rest] = houseWith("").rooms;
      const files = [...protocol!.files, { path: "packages/protocol/src/a.ts", text }];
      expect(violations({ rooms: [{ ...protocol!, files }, ...rest], testTools: [] })).toHaveLength(1);
    },
  );
});
