import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runSiteCommand } from "./commands.ts";
import type { SiteServices } from "./site-command.ts";
import { SiteHolds } from "./site-holds.ts";

const data = mkdtempSync(join(tmpdir(), "modwarden-holds-"));
const file = join(data, "audit-holds.json");
afterAll(() => rmSync(data, { recursive: true, force: true }));

const recorded: Record<string, unknown>[] = [];
let working = true;
const holds = new SiteHolds(
  data,
  () => new Date(0),
  (body) => {
    if (!working) return Promise.reject(new Error("the log has failed"));
    recorded.push(JSON.parse(`{${body}`) as Record<string, unknown>);
    return Promise.resolve();
  },
);
// These commands work on nothing else.
const services = { holds } as unknown as SiteServices;
const ask = (command: string, parameters: object): Promise<unknown> =>
  runSiteCommand(services, `audit.hold.${command}`, parameters);
const request = { reason: "case 4711", from: "2026-11-01T00:00:00.000000Z", to: null };

describe("a site's legal holds", () => {
  it("are laid on and lifted, and each is on record", async () => {
    expect(await ask("list", {})).toEqual([]);
    const first = { id: "hold-1", ...request, t: "1970-01-01T00:00:00.000000Z" };
    expect(await ask("add", request)).toEqual(first);
    expect(await ask("add", { ...request, from: null })).toMatchObject({ id: "hold-2" });
    expect(await ask("remove", { id: "hold-1" })).toEqual(first);
    await expect(ask("remove", { id: "hold-1" })).rejects.toMatchObject({ code: "ERR_AUDIT_HOLDS" });
    expect(await ask("list", {})).toMatchObject([{ id: "hold-2" }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1, next: 3, holds: [{ id: "hold-2" }] });
    expect(recorded.map(({ kind, event, hold, reason }) => [kind, event, hold, reason])).toEqual([
      ["system", "hold-added", "hold-1", "case 4711"],
      ["system", "hold-added", "hold-2", "case 4711"],
      ["system", "hold-removed", "hold-1", "case 4711"],
    ]);
  });

  it("hold where the change cannot be recorded", async () => {
    working = false;
    await expect(ask("add", request)).rejects.toThrow();
    await expect(ask("remove", { id: "hold-2" })).rejects.toThrow();
    expect(await ask("list", {})).toMatchObject([{ id: "hold-2" }, { id: "hold-3" }]);
    working = true;
  });

  it.each([
    ["no reason", { ...request, reason: "" }],
    ["two lines", { ...request, reason: "a\nb" }],
    ["a long one", { ...request, reason: "x".repeat(501) }],
    ["no time", { ...request, from: "yesterday" }],
    ["an end before the beginning", { ...request, to: "2026-10-01T00:00:00.000000Z" }],
  ])("are refused with %s", async (_what, parameters) => {
    await expect(ask("add", parameters)).rejects.toMatchObject({ code: "ERR_CONTROL_PARAMETERS" });
  });

  it("cannot be changed while their file cannot be read", async () => {
    writeFileSync(file, "no json");
    for (const [command, parameters] of [
      ["list", {}],
      ["add", request],
      ["remove", { id: "hold-2" }],
    ] as const) {
      await expect(ask(command, parameters)).rejects.toMatchObject({ code: "ERR_AUDIT_HOLDS" });
    }
    expect(readFileSync(file, "utf8")).toBe("no json");
  });
});
