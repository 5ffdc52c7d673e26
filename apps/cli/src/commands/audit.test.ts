import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AuditLog, serialiseRecord } from "@modwarden/audit";
import { lockData } from "@modwarden/server";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

/** A log of the first record and these many more, sealed. */
function writtenLog(records: number): string {
  const dir = join(temporaryFolder(), "audit");
  const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
  for (let number = 0; number < records; number += 1) {
    log.append(serialiseRecord("2026-11-21T12:00:00.000000Z", "finding", { number, text: `finding ${number}` }));
  }
  log.commit();
  log.close();
  return dir;
}

const segment = (dir: string): string => join(dir, "000000000000.jsonl");

describe("audit verify", () => {
  it("says that a log holds, in the shape that scripts rely on", async () => {
    const dir = writtenLog(20);
    const { code, json } = await runHere(["audit", "verify", "--log", dir, "--json"]);
    expect(code).toBe(0);
    const [result] = json as [Record<string, unknown>];
    expect(Object.keys(result)).toEqual(["ok", "records", "pending", "checkpoints", "root", "trust"]);
    expect(result).toMatchObject({ ok: true, pending: 0, trust: "folder" });
    expect(result["records"]).toBeGreaterThan(20);
    const key = join(dir, "key.pub");
    const given = await runHere(["audit", "verify", "--log", dir, "--key", key, "--json"]);
    expect(given.json).toEqual([{ ...result, trust: "given" }]);
  });

  it("names the first record that is wrong, and ends with 1", async () => {
    const dir = writtenLog(20);
    const lines = readFileSync(segment(dir), "utf8").split("\n");
    const changed = lines.findIndex((line) => line.includes('"text":"finding 12"'));
    writeFileSync(segment(dir), lines.join("\n").replace("finding 12", "finding 13"));
    const { code, json } = await runHere(["audit", "verify", "--log", dir, "--json"]);
    expect(code).toBe(1);
    expect(json).toEqual([{ ok: false, seq: changed, segment: "000000000000.jsonl", reason: expect.any(String) }]);
    expect((await runHere(["audit", "verify", "--log", dir])).stdout).toContain(`record ${changed}`);
  });

  it("ends with 2 where there is no log, no site, or two places at once", async () => {
    const empty = temporaryFolder();
    expect(await runHere(["audit", "verify", "--log", empty, "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_AUDIT_NO_LOG" } }],
    });
    expect((await runHere(["audit", "verify", "--site", join(empty, "site.yaml")])).code).toBe(2);
    expect((await runHere(["audit", "verify", "--log", empty, "--site", "site.yaml"])).code).toBe(2);
  });
});

describe("who looks at a site's log", () => {
  it("is on record, unless it is a copy; where it cannot be, the command goes on and says why", async () => {
    const folder = temporaryFolder();
    expect((await runHere(["init", folder])).code).toBe(0);
    const site = ["--site", join(folder, "site.yaml")];
    const data = join(folder, "data");
    const log = join(data, "audit");
    expect(await runHere(["audit", "tail", ...site, "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_AUDIT_NO_LOG" } }],
    });
    expect(existsSync(data)).toBe(false);
    AuditLog.open({ dir: log, site: "demo", gateway: "gw1", now: () => new Date() }).close();
    const first = await runHere(["audit", "tail", ...site, "-n", "2", "--json"]);
    expect(first).toMatchObject({ code: 0, stderr: "", json: [{ event: "start" }, { event: "stop" }] });
    const looked = { event: "looked", action: "tail", by: { operator: true }, query: { lines: 2 }, records: 2 };
    const seen = ["audit", "tail", "--log", log, "--json"];
    expect((await runHere(seen)).json.slice(-3)).toMatchObject([{ event: "start" }, looked, { event: "stop" }]);
    // Reading a bare folder has left nothing.
    expect((await runHere(seen)).json).toHaveLength(6);
    await runHere(["policy", "learn", "--from", log, ...site, "--first", "70%"]);
    expect((await runHere(seen)).json.at(-2)).toMatchObject({ action: "learn", query: { first: 0.7 } });
    const lock = lockData(data);
    const other = await runHere(["audit", "tail", ...site, "-n", "1", "--json"]);
    lock.release();
    expect(other).toMatchObject({ code: 0, json: [{ event: "stop" }] });
    expect(other.stderr).toContain("not on record");
    expect((await runHere(seen)).json).toHaveLength(9);
  });
});

describe("audit tail", () => {
  it("prints the newest records as they stand in the log", async () => {
    const dir = writtenLog(20);
    const lines = readFileSync(segment(dir), "utf8").trimEnd().split("\n");
    const { code, stdout } = await runHere(["audit", "tail", "--log", dir, "-n", "3", "--json"]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${lines.slice(-3).join("\n")}\n`);
    expect((await runHere(["audit", "tail", "--log", dir, "--json"])).json).toHaveLength(10);
  });

  it("shows a person who did what, and what came of it", async () => {
    const dir = writtenLog(0);
    const record = {
      subject: { id: "hmi-2", role: "Operator" },
      operation: { function: 6, name: "write-single-register" },
      accesses: [{ device: "drive", unit: 3, table: "holding", address: 50_009, points: ["setpoint"], values: [90] }],
      decision: { permit: false, because: "max", failed: "max 80, got 90" },
      outcome: { exception: 1 },
    };
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(`"t":"2026-11-21T12:00:00.000000Z","kind":"transaction",${JSON.stringify(record).slice(1)}`);
    log.commit();
    log.close();
    const { stdout } = await runHere(["audit", "tail", "--log", dir]);
    for (const word of ["hmi-2", "Operator", "setpoint", "max 80, got 90", "exception 1"])
      expect(stdout).toContain(word);
  });

  it("shows of a roll-up what people ask, and nothing nested", async () => {
    const dir = writtenLog(0);
    const record = {
      of: "reads",
      subject: { id: "hmi-2", role: "Viewer", cert: "3f" },
      location: { site: "demo", gateway: "gw1", source: "10.0.0.5" },
      operation: { function: 3, name: "read-holding-registers" },
      accesses: [{ device: "drive", unit: 3, table: "holding", address: 50_009, points: ["setpoint"] }],
      decision: { permit: true, rules: ["everyone-reads"] },
      count: 31,
    };
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(`"t":"2026-11-21T12:00:00.000000Z","kind":"rollup",${JSON.stringify(record).slice(1)}`);
    log.commit();
    log.close();
    const { stdout } = await runHere(["audit", "tail", "--log", dir]);
    const line = stdout.split("\n").find((candidate) => candidate.includes(" rollup ")) ?? "";
    for (const word of ["hmi-2(Viewer)", "10.0.0.5", "drive holding 50009 setpoint", "permitted", "count=31"])
      expect(line).toContain(word);
    expect(line).not.toMatch(/[{[]/);
  });
});
