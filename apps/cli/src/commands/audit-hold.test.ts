import { join } from "node:path";
import { readRecords } from "@modwarden/audit";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

it("audit hold lays a hold on, shows it and lifts it, and all of it is on record", async () => {
  const folder = temporaryFolder();
  expect((await runHere(["init", folder])).code).toBe(0);
  const hold = (...args: readonly string[]): Promise<Ran> =>
    runHere(["audit", "hold", ...args, "--site", join(folder, "site.yaml")]);
  const added = await hold("add", "--reason", "case 4711", "--from", "2026-11-01", "--json");
  const first = { id: "hold-1", reason: "case 4711", from: "2026-11-01T00:00:00.000000Z", to: null };
  expect(added).toMatchObject({ code: 0, json: [first] });
  expect((await hold("list")).stdout).toMatch(/hold-1 .*from 2026-11-01.*case 4711/);
  expect((await hold("remove", "hold-1", "--json")).json).toMatchObject([first]);
  const records = [...readRecords(join(folder, "data", "audit"))];
  expect(records.filter(({ hold: id }) => id === "hold-1").map(({ event }) => event)).toEqual([
    "hold-added",
    "hold-removed",
  ]);
});
