import { describe, expect, it, onTestFinished } from "vitest";
import type { Look } from "./look.ts";
import { SiteLooks } from "./site-looks.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const search = (text: string): Look => ({ action: "search", query: { text }, records: 3 });

function siteLooks() {
  const records: Record<string, unknown>[] = [];
  const notices: string[] = [];
  const state = { ms: NOON, works: true };
  const looks = new SiteLooks({
    record: async (body) => {
      if (!state.works) throw new Error("the disk is full");
      records.push(JSON.parse(`{${body}`) as Record<string, unknown>);
    },
    now: () => new Date(state.ms),
    onNotice: (text) => notices.push(text),
  });
  onTestFinished(() => looks.stop());
  return { looks, records, notices, state };
}

describe("who looked at the log of a running site", () => {
  it("is recorded every time at the site, and by the minute through the console", async () => {
    const { looks, records, state } = siteLooks();
    const fields = { kind: "system", event: "looked", action: "search", query: { text: "drive" }, records: 3 };
    const byConsole = { ...fields, by: { console: true } };
    for (let time = 0; time < 2; time += 1) await looks.operator(search("drive"));
    expect(records.splice(0)).toMatchObject([1, 2].map(() => ({ ...fields, by: { operator: true } })));
    for (let time = 0; time < 5; time += 1) await looks.console(search("drive"));
    await looks.console(search("meter"));
    expect(records.splice(0)).toMatchObject([byConsole, { query: { text: "meter" } }]);
    state.ms += 60_000;
    await looks.console(search("drive"));
    expect(records.splice(0)).toMatchObject([{ ...byConsole, again: 4, records: 12 }, byConsole]);
    await looks.console(search("drive"));
    await looks.stop();
    expect(records).toMatchObject([{ ...byConsole, again: 1 }]);
  });

  it("tells a bounded number of questions apart, and keeps none of them whole that is too long", async () => {
    const { looks, records } = siteLooks();
    for (let number = 0; number < 300; number += 1) await looks.console(search(`number ${number}`));
    expect(records).toHaveLength(257);
    await looks.stop();
    expect(records.at(-1)).toMatchObject({ action: "search", again: 43, records: 129 });
    expect(records.at(-1)).not.toHaveProperty("query");
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`k${number}`, "x"]));
    await looks.operator({ action: "export", query: { text: "y".repeat(10_000), list: Array(99).fill("z"), ...many } });
    expect(JSON.stringify(records.at(-1)).length).toBeLessThan(2_000);
  });

  it("goes on through the console where it cannot be recorded, and says so once; at the site the command says it", async () => {
    const { looks, records, notices, state } = siteLooks();
    state.works = false;
    for (let time = 0; time < 3; time += 1) await looks.console(search("drive"));
    expect(notices).toHaveLength(1);
    await expect(looks.operator(search("drive"))).rejects.toThrow();
    state.works = true;
    await looks.console(search("drive"));
    expect(records).toMatchObject([{ query: { text: "drive" } }]);
    expect(records[0]).not.toHaveProperty("again");
  });
});
