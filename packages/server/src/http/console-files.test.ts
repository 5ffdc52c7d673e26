import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConsoleFiles } from "./console-files.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "modwarden-console-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a folder that is not there, or holds no page, is a console that is not built", () => {
  expect(loadConsoleFiles(join(directory, "none"))).toBeUndefined();
  writeFileSync(join(directory, "app.js"), "");
  expect(loadConsoleFiles(directory)).toBeUndefined();
});

test("files by the path that asks for them", () => {
  mkdirSync(join(directory, "assets"));
  writeFileSync(join(directory, "index.html"), "<!doctype html>");
  writeFileSync(join(directory, "assets", "index-4f2a.js"), "1");
  writeFileSync(join(directory, "notes.md"), "not a file of a console");
  symlinkSync("/etc/hostname", join(directory, "link.txt"));
  const files = loadConsoleFiles(directory);
  expect([...(files?.keys() ?? [])].sort()).toEqual(["/", "/assets/index-4f2a.js"]);
  expect(files?.get("/")).toMatchObject({ type: "text/html; charset=utf-8", immutable: false });
  expect(files?.get("/assets/index-4f2a.js")).toMatchObject({
    type: "text/javascript; charset=utf-8",
    immutable: true,
  });
});

test("a folder with very many files is no console", () => {
  for (let index = 0; index <= 200; index++) writeFileSync(join(directory, `${index}.js`), "");
  expect(() => loadConsoleFiles(directory)).toThrow(RangeError);
});
