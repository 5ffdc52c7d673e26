import { expect, it } from "vitest";
import { checkEntry } from "./check-entry.ts";
import type { EntryText } from "./text.ts";

function problemsOf(entry: EntryText, denies = false): readonly string[] {
  const found: string[] = [];
  checkEntry(entry, denies, [], (path, message) => found.push(`${path.join(".")}: ${message}`));
  return found;
}

it.each<readonly [string, EntryText, boolean]>([
  [
    "perSeconds: perSeconds follows each register: name at most 1000",
    { functions: [6], maxStep: 1, perSeconds: 9 },
    false,
  ],
  ["perSeconds: perSeconds follows", { functions: [6], addresses: ["0-1000"], maxStep: 1, perSeconds: 9 }, false],
  ["files.0: files 0-3: files are 1 to 65535", { functions: [20], files: ["0-3"] }, false],
  ["files.1: files 1-65536: files are 1 to 65535", { functions: [20], files: [1, "1-65536"] }, false],
  ['files.0: files 9-5: the range runs backwards, write "5-9"', { functions: [21], files: ["9-5"] }, false],
  [
    'records.0: records 7-2: the range runs backwards, write "2-7"',
    { functions: [21], files: [1], records: ["7-2"] },
    false,
  ],
  ["files: 257 files with records: at most 256", { functions: [20], files: ["1-257"], records: [0] }, false],
  ["functions: function 3 has no files: deny it in an entry of its own", { functions: [20, 3], files: [1] }, true],
])("tells %s", (wanted, entry, denies) => {
  expect(problemsOf(entry, denies)).toEqual([expect.stringContaining(wanted)]);
});

it.each<readonly [EntryText, boolean]>([
  [{ functions: [6], addresses: ["0-499", "300-999"], maxStep: 1, perSeconds: 9 }, false],
  [{ functions: [20], files: ["1-65535"] }, false],
  [{ functions: [20], files: ["1-200", "100-256"], records: ["0-9999"] }, false],
  [{ functions: [20, 3], files: [1] }, false],
  [{ functions: [20, 21], files: [1] }, true],
])("has nothing against %o", (entry, denies) => {
  expect(problemsOf(entry, denies)).toEqual([]);
});
