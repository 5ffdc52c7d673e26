import { describe, expect, it } from "vitest";
import { openSite, type TestSite } from "../testing/site.ts";
import { parseKeyImport } from "./import-file.ts";

const DAY = 86_400_000;
const warned = (site: TestSite): unknown =>
  site.events.filter(({ event }) => event === "key-expires-soon").map(({ key, detail }) => [key, detail?.["days"]]);

describe("the end of a key", () => {
  it("is warned of 30, 7 and 1 days before, each once, over restarts, and shown in the list", async () => {
    await using site = await openSite();
    const { id } = await site.service.keys.create({ kind: "client", roles: [], expiresInMs: 60 * DAY });
    await site.service.authority.maintain();
    expect(warned(site)).toEqual([]);
    site.clock += 31 * DAY;
    await site.service.authority.maintain();
    await site.restart();
    await site.service.authority.maintain();
    expect(warned(site)).toEqual([[id, 30]]);
    expect(await site.service.keys.list()).toMatchObject([{ expiresInDays: 29 }]);
    for (const days of [23, 0, 5, 1]) {
      site.clock += days * DAY;
      await site.service.authority.maintain();
    }
    expect(warned(site)).toEqual([30, 7, 1].map((days) => [id, days]));
  });

  it("is not warned of where the key was made for a day, is used up or revoked; an import is one warning", async () => {
    await using site = await openSite();
    const { keys } = site.service;
    await keys.create({ kind: "client", roles: [] });
    const ended = await keys.create({ kind: "client", roles: [], expiresInMs: 60 * DAY });
    await keys.revoke(ended.id);
    const lines = ["ab", "cd", "ef"].map((byte) => `SHA256:${byte.repeat(32)}`).join("\n");
    const { import: id } = await keys.import(parseKeyImport(lines), {
      kind: "device",
      roles: [],
      expiresInMs: 10 * DAY,
    });
    site.clock += 4 * DAY;
    await site.service.authority.maintain();
    expect(site.events.filter(({ event }) => event === "key-expires-soon")).toMatchObject([
      { detail: { days: 7, import: id, count: 3 } },
    ]);
  });
});
