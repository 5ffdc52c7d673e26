import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AuditLog, readRecords, serialiseRecord } from "@modwarden/audit";
import { lockData } from "@modwarden/server";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { parquetSink } from "../audit/export/parquet.ts";
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

function bytesOf(file: string): ArrayBuffer {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
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
    expect((await runHere(["audit", "blame", "drve", "setpoint", ...site])).stderr).toContain('did you mean "drive"');
    expect((await runHere(["audit", "blame", "drive", "setpoit", ...site])).stderr).toContain(
      'did you mean "setpoint"',
    );
  });
});

describe("audit export", () => {
  /** A log of a request that was refused, a roll-up and the log's own records. */
  function requestLog(): string {
    const dir = writtenLog(0);
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    const request = {
      subject: { id: "hmi\n-2,", role: "Operator" },
      location: { site: "demo", gateway: "gw1", source: "10.0.0.5:4000" },
      method: { transport: "tls", transaction: 7 },
      operation: { function: 6, name: "write-single-register" },
      accesses: [{ device: "drive", unit: 3, table: "holding", address: 9, quantity: 1, write: true, values: [90] }],
      decision: { permit: false, rules: [], because: "max" },
      outcome: { exception: 1, latencyUs: 300 },
      findings: [],
    };
    log.append(`"t":"2026-11-21T12:00:00.000000Z","kind":"transaction",${JSON.stringify(request).slice(1)}`);
    log.append(serialiseRecord("2026-11-21T12:01:00.000000Z", "rollup", { of: "refusals", because: "max", count: 3 }));
    log.commit();
    log.close();
    return dir;
  }

  it("writes every format as lines, and says on standard error how many records they are", async () => {
    const dir = requestLog();
    const all = readFileSync(segment(dir), "utf8");
    const records = all.trimEnd().split("\n").length;
    const json = await runHere(["audit", "export", "--log", dir, "--format", "json"]);
    expect(json).toMatchObject({ code: 0, stdout: all, stderr: `${records} records exported\n` });
    const csv = await runHere(["audit", "export", "--log", dir, "--format", "csv", "--kind", "transaction"]);
    expect(csv.stdout.split("\r\n")).toHaveLength(3);
    expect(csv.stdout).toContain('"hmi\\u000a-2,"');
    const cef = await runHere(["audit", "export", "--log", dir, "--format", "cef", "--kind", "rollup"]);
    expect(cef.stdout).toMatch(/^CEF:0\|modwarden\|.* cnt=3 .*\n$/);
    const ocsf = await runHere(["audit", "export", "--log", dir, "--format", "ocsf"]);
    expect(ocsf.json).toHaveLength(records);
    const zeek = await runHere([
      "audit",
      "export",
      "--log",
      dir,
      "--format",
      "zeek-json",
      "--responder",
      "10.0.0.1:802",
    ]);
    expect(zeek.json.map((line) => (line as { _path: string })._path)).toEqual([
      "modbus",
      "modbus",
      "modbus_detailed",
      "modwarden",
    ]);
    expect(zeek.json[0]).toMatchObject({ "id.resp_h": "10.0.0.1", "id.resp_p": 802 });
    expect(zeek.stderr).toContain("1 rollup");
  });

  it("takes the time and kinds that are asked for", async () => {
    const dir = requestLog();
    const seqs = async (...options: string[]): Promise<unknown[]> =>
      (await runHere(["audit", "export", "--log", dir, "--format", "json", ...options])).json.map(
        (line) => (line as { kind: string }).kind,
      );
    expect(await seqs("--from", "2026-11-21T12:00:00Z", "--to", "2026-11-21T12:01:00Z")).toEqual(["transaction"]);
    expect(await seqs("--from", "2026-11-21T12:00:00Z", "--to", "2026-11-22", "--kind", "rollup")).toEqual(["rollup"]);
  });

  it("writes a file whole and for its owner alone, compressed where asked, and never over another", async () => {
    const dir = requestLog();
    const folder = temporaryFolder();
    const out = join(folder, "log.csv.gz");
    const { code, json } = await runHere([
      "audit",
      "export",
      "--log",
      dir,
      "--format",
      "csv",
      "--gzip",
      "--out",
      out,
      "--json",
    ]);
    expect(code).toBe(0);
    expect(json).toMatchObject([{ leftOut: {}, out }]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const text = gunzipSync(readFileSync(out)).toString();
    expect(text).toBe((await runHere(["audit", "export", "--log", dir, "--format", "csv"])).stdout);
    expect(await runHere(["audit", "export", "--log", dir, "--format", "cef", "--out", out, "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE" } }],
    });
    expect(readdirSync(folder)).toEqual(["log.csv.gz"]);
  });

  it("writes the rows of CSV as Parquet, in groups that a reader of others takes", async () => {
    const dir = writtenLog(20);
    const folder = temporaryFolder();
    const out = join(folder, "log.parquet");
    const { code, json } = await runHere([
      "audit",
      "export",
      "--log",
      dir,
      "--format",
      "parquet",
      "--out",
      out,
      "--json",
    ]);
    expect(code).toBe(0);
    const rows = await parquetReadObjects({ file: bytesOf(out) });
    expect(json).toMatchObject([{ records: rows.length, leftOut: {} }]);
    expect(rows[0]).toMatchObject({ seq: 0n, kind: "log", permit: null, site: "demo" });
    const time = new Date("2026-11-21T12:00:00Z");
    expect(rows.findLast(({ kind }) => kind === "finding")).toMatchObject({
      time,
      detail: '{"number":19,"text":"finding 19"}',
    });
    const inGroups = join(folder, "groups.parquet");
    const sink = parquetSink({ log: "L0G", version: "0.1.0" }, inGroups, 10);
    for (const record of readRecords(dir)) sink.write(record);
    sink.finish();
    expect(parquetMetadata(bytesOf(inGroups)).row_groups).toHaveLength(Math.ceil(rows.length / 10));
    expect(await parquetReadObjects({ file: bytesOf(inGroups) })).toEqual(rows);
    expect(readdirSync(folder).sort()).toEqual(["groups.parquet", "log.parquet"]);
  });

  it("writes Zeek's logs into a folder, each with its head and end", async () => {
    const dir = requestLog();
    const folder = temporaryFolder();
    const out = join(folder, "zeek");
    const { code, stderr } = await runHere(["audit", "export", "--log", dir, "--format", "zeek", "--out", out]);
    expect(code).toBe(0);
    expect(stderr).toContain("left out");
    expect(readdirSync(out).sort()).toEqual(["modbus.log", "modbus_detailed.log", "modwarden.log"]);
    const lines = readFileSync(join(out, "modbus.log"), "utf8").split("\n");
    expect(lines).toHaveLength(12);
    expect(lines[4]).toBe("#path\tmodbus");
    expect(lines[10]).toMatch(/^#close\t/);
    expect(readdirSync(folder)).toEqual(["zeek"]);
    expect((await runHere(["audit", "export", "--log", dir, "--format", "zeek", "--out", out])).code).toBe(2);
  });

  it("leaves nothing behind where the log is damaged, and ends with 1", async () => {
    const dir = requestLog();
    writeFileSync(segment(dir), readFileSync(segment(dir), "utf8").replace('"kind":"rollup"', '"kind":"unheard"'));
    const folder = temporaryFolder();
    for (const format of ["csv", "zeek"]) {
      const args = ["audit", "export", "--log", dir, "--format", format, "--out", join(folder, "out"), "--json"];
      expect(await runHere(args)).toMatchObject({ code: 1, json: [{ error: { code: "ERR_AUDIT_TAMPERED" } }] });
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it("ends with 2 for what it cannot do", async () => {
    const dir = requestLog();
    const wrong: Readonly<Record<string, readonly string[]>> = {
      "no format": [],
      "an unknown format": ["--format", "xml"],
      "Zeek's logs without a folder": ["--format", "zeek"],
      "a compressed stream": ["--format", "csv", "--gzip"],
      "a result beside the records": ["--format", "csv", "--json"],
      "a Parquet file as a stream": ["--format", "parquet"],
      "a Parquet file compressed again": ["--format", "parquet", "--out", "x", "--gzip"],
      "an unknown kind": ["--format", "csv", "--kind", "gossip"],
      "a place that is none": ["--format", "zeek-json", "--responder", "gw1"],
      "a folder that is not there": ["--format", "csv", "--out", "/nowhere/out.csv"],
      "a folder of logs that cannot be made": ["--format", "zeek", "--out", "/nowhere/out"],
    };
    for (const [what, options] of Object.entries(wrong)) {
      expect((await runHere(["audit", "export", "--log", dir, ...options])).code, what).toBe(2);
    }
  });
});

describe("audit prove", () => {
  it("makes a file that verifies without the log, with the key alone", async () => {
    const dir = writtenLog(20);
    const [folder, key] = [temporaryFolder(), join(dir, "key.pub")];
    const out = join(folder, "proof.json");
    const made = await runHere(["audit", "prove", "7", "--log", dir, "--out", out, "--json"]);
    expect(made.json).toEqual([expect.objectContaining({ file: out, proof: "inclusion", seq: 7 })]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const record = readFileSync(segment(dir), "utf8").split("\n")[7];
    const verified = await runHere(["audit", "verify", "--proof", out, "--key", key, "--json"]);
    expect(verified).toMatchObject({
      code: 0,
      json: [{ ok: true, proof: "inclusion", seq: 7, trust: "given", record }],
    });
    expect((await runHere(["audit", "verify", "--proof", out])).stdout).toContain("proved");
    expect((await runHere(["audit", "prove", "7", "--log", dir, "--out", out])).code).toBe(2);
    const printed = await runHere(["audit", "prove", "7", "--log", dir]);
    expect(printed.json).toEqual([JSON.parse(readFileSync(out, "utf8"))]);
    expect((await runHere(["audit", "prove", "7", "--log", dir, "--out", `${out}.2`])).stdout).toContain("record 7");
  });

  it("shows that the log only grew", async () => {
    const dir = writtenLog(20);
    const out = join(temporaryFolder(), "proof.json");
    const { code, stdout } = await runHere(["audit", "prove", "--from", "1", "--log", dir, "--out", out]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("begins with its first 1") });
    expect(await runHere(["audit", "verify", "--proof", out, "--json"])).toMatchObject({
      code: 0,
      json: [{ ok: true, proof: "consistency", from: 1, trust: "proof" }],
    });
    expect((await runHere(["audit", "verify", "--proof", out])).stdout).toContain("first 1 records");
  });

  it("ends with 1 for a proof that does not hold, and with 2 for what is none", async () => {
    const dir = writtenLog(3);
    const out = join(temporaryFolder(), "proof.json");
    await runHere(["audit", "prove", "3", "--log", dir, "--out", out]);
    writeFileSync(out, readFileSync(out, "utf8").replace("finding 1", "finding 2"));
    expect(await runHere(["audit", "verify", "--proof", out, "--json"])).toMatchObject({
      code: 1,
      json: [{ ok: false }],
    });
    expect((await runHere(["audit", "verify", "--proof", out])).stdout).toContain("not proved");
    writeFileSync(out, "{}");
    const malformed = await runHere(["audit", "verify", "--proof", out, "--json"]);
    expect(malformed).toMatchObject({ code: 2, json: [{ error: { code: "ERR_DOCUMENT" } }] });
    for (const args of [[], ["1", "--from", "1"], ["99"], ["1", "--to", "4711"], ["x"]]) {
      expect((await runHere(["audit", "prove", ...args, "--log", dir])).code).toBe(2);
    }
    expect((await runHere(["audit", "verify", "--proof", out, "--log", dir])).code).toBe(2);
  });

  it("holds a log against a witness, and one segment alone", async () => {
    const dir = writtenLog(3);
    const witness = join(temporaryFolder(), "kept.jsonl");
    writeFileSync(witness, readFileSync(join(dir, "checkpoints.jsonl")));
    const args = ["audit", "verify", "--log", dir];
    expect((await runHere([...args, "--witness", witness])).stdout).toContain("with the witness");
    expect(await runHere([...args, "--segment", "0", "--json"])).toMatchObject({
      code: 0,
      json: [{ ok: true, from: 0 }],
    });
    expect((await runHere([...args, "--segment", "7"])).code).toBe(2);
    expect((await runHere([...args, "--segment", "0", "--witness", witness])).code).toBe(2);
    writeFileSync(witness, "{}\n");
    expect((await runHere([...args, "--witness", witness])).code).toBe(2);
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

  it("shows a value that changed, and a write that is not done yet as such", async () => {
    const dir = writtenLog(0);
    const place = { device: "drive", unit: 3, table: "holding", address: 16_129 };
    const state = { location: {}, ...place, values: [499, 7], points: ["frequency"], before: [497, null], skipped: 2 };
    const write = { accesses: [{ ...place, values: [5] }], decision: { permit: true } };
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(`"t":"2026-11-21T12:00:00.000000Z","kind":"state",${JSON.stringify(state).slice(1)}`);
    for (const result of ["pending", "unknown"]) {
      const record = { ...write, outcome: { result } };
      log.append(`"t":"2026-11-21T12:00:00.000000Z","kind":"transaction",${JSON.stringify(record).slice(1)}`);
    }
    log.close();
    const { stdout } = await runHere(["audit", "tail", "--log", dir]);
    expect(stdout).toContain("state drive holding 16129 frequency: 497 ? -> 499 7, after 2 more");
    expect(stdout).toContain("drive holding 16129 := 5: permitted, about to be sent");
    expect(stdout).toContain("permitted, what the device did is not known");
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

describe("audit search", () => {
  /** Ten findings, and a write that was refused. */
  function searched(): string {
    const dir = writtenLog(10);
    const record = {
      subject: { id: "hmi-2", role: null },
      operation: { function: 6, name: "write-single-register" },
      accesses: [
        { device: "drive", unit: 3, table: "holding", address: 50_009, quantity: 1, write: true, points: ["setpoint"] },
      ],
      decision: { permit: false, rules: ["setpoint"], because: "max" },
      outcome: { exception: 1 },
    };
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(`"t":"2026-11-21T13:00:00.000000Z","kind":"transaction",${JSON.stringify(record).slice(1)}`);
    log.close();
    return dir;
  }

  it("writes the proof of each record that it shows, which needs no log to verify", async () => {
    const dir = searched();
    const folder = join(temporaryFolder(), "evidence");
    const { json, stderr } = await runHere([
      "audit",
      "search",
      "--log",
      dir,
      "--subject",
      "hmi-2",
      "--proof",
      folder,
      "--json",
    ]);
    const [found] = json as [{ readonly seq: number }];
    const file = join(folder, `proof-${found.seq}.json`);
    expect(stderr).toContain("1 proof");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const key = join(dir, "key.pub");
    expect((await runHere(["audit", "verify", "--proof", file, "--key", key, "--json"])).json).toEqual([
      expect.objectContaining({ ok: true, seq: found.seq }),
    ]);
    expect((await runHere(["audit", "search", "--log", dir, "--subject", "hmi-2", "--proof", folder])).code).toBe(2);
  });

  it("says which records no checkpoint covers yet, instead of a proof", async () => {
    const dir = searched();
    const folder = join(temporaryFolder(), "evidence");
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(serialiseRecord("2026-11-21T14:00:00.000000Z", "finding", { text: "just now" }));
    log.commit();
    const { code, stderr } = await runHere(["audit", "search", "--log", dir, "--text", "just now", "--proof", folder]);
    log.close();
    expect(code).toBe(0);
    expect(stderr).toContain("0 proofs");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("prints what is found byte for byte, in the order that was asked for, and how many there are", async () => {
    const dir = searched();
    const lines = readFileSync(segment(dir), "utf8").trimEnd().split("\n");
    const findings = lines.filter((line) => line.includes('"kind":"finding"'));
    const run = (...args: string[]) => runHere(["audit", "search", "--log", dir, ...args]);
    expect((await run("--kind", "finding", "--json")).stdout).toBe(`${findings.toReversed().join("\n")}\n`);
    const oldest = await run("--text", "FINDING", "--oldest-first", "-n", "3", "--json");
    expect(oldest.stdout).toBe(`${findings.slice(0, 3).join("\n")}\n`);
    expect(oldest.stderr).not.toBe("");
    expect((await run("--kind", "finding", "--count", "--json")).json).toEqual([{ records: 10 }]);
    for (const words of [
      ["--subject", "hmi-2", "--role", "-", "--function", "write-single-register"],
      ["--device", "drive", "--point", "setpoint", "--table", "holding", "--address", "50000-50010"],
      [
        "--decision",
        "refused",
        "--because",
        "max",
        "--rule",
        "setpoint",
        "--from",
        "2026-11-21T13:00",
        "--to",
        "2026-11-22",
      ],
    ]) {
      const { stdout, json } = await run(...words, "--json");
      expect(json).toHaveLength(words.includes("--from") || words.includes("--point") || words.includes("-") ? 1 : 0);
      expect(lines).toContain(stdout.trimEnd());
    }
    expect((await run("--subject", "-", "--json")).stdout).toBe("");
    expect((await run("--decision", "refused")).stdout).toContain("hmi-2");
  });

  it("ends with 2 for what cannot be looked for, and for a file that is no index", async () => {
    const dir = searched();
    for (const words of [
      ["--address", "9-2"],
      ["--function", "walk"],
      ["--from", "soon"],
      ["--table", "x"],
      ["--from", "2026-11-21", "--to", "2026-11-20"],
    ]) {
      expect((await runHere(["audit", "search", "--log", dir, ...words])).code).toBe(2);
    }
    const notes = join(temporaryFolder(), "notes");
    writeFileSync(notes, "notes");
    expect(await runHere(["audit", "search", "--log", notes, "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE" } }],
    });
    const { code, json } = await runHere(["audit", "search", "--log", dir, "--index", notes, "--json"]);
    expect({ code, json }).toMatchObject({ code: 2, json: [{ error: { code: "ERR_AUDIT_INDEX_PLACE" } }] });
  });
});

describe("audit reindex", () => {
  it("makes the index anew, where it is told, and says how many lines are no records", async () => {
    const dir = writtenLog(20);
    const index = join(temporaryFolder(), "index.sqlite");
    const first = await runHere(["audit", "reindex", "--log", dir, "--index", index, "--json"]);
    expect(first).toMatchObject({ code: 0, json: [{ damaged: 0, file: index }] });
    writeFileSync(segment(dir), readFileSync(segment(dir), "utf8").replace('"text":"finding 12"', '"text":'));
    const second = await runHere(["audit", "reindex", "--log", dir, "--index", index, "--json"]);
    expect(second).toMatchObject({ code: 1, json: [{ damaged: 1 }] });
    expect((await runHere(["audit", "search", "--log", dir, "--index", index])).stderr).toContain("1 record ");
  });
});

describe("audit blame and audit state", () => {
  /** A value that was seen, and a write that changed it. */
  function written(): string {
    const dir = writtenLog(3);
    const place = { device: "drive", unit: 3, table: "holding", address: 50_009 };
    const state = { location: { site: "demo" }, ...place, values: [40], points: ["setpoint"] };
    const write = {
      subject: { id: "hmi-2", role: "Operator" },
      location: { site: "demo", gateway: "gw1", source: "10.0.0.5:49152" },
      operation: { function: 6, name: "write-single-register" },
      accesses: [{ ...place, quantity: 1, write: true, points: ["setpoint"], values: [45] }],
      decision: { permit: true, rules: ["setpoint"], policy: "a1b2" },
      outcome: { latencyUs: 5 },
    };
    const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
    log.append(`"t":"2026-11-21T13:00:00.000000Z","kind":"state",${JSON.stringify(state).slice(1)}`);
    log.append(`"t":"2026-11-21T13:00:10.000000Z","kind":"transaction",${JSON.stringify(write).slice(1)}`);
    log.close();
    return dir;
  }

  it("say who wrote what, and what stood there when", async () => {
    const dir = written();
    const where = ["--log", dir, "--json"];
    const [write] = (await runHere(["audit", "blame", "drive", "setpoint", ...where])).json;
    expect(write).toMatchObject({ subject: { id: "hmi-2" }, before: [40], after: [45], outcome: "confirmed" });
    const { stdout } = await runHere(["audit", "blame", "drive", "holding:50009", "--log", dir]);
    for (const word of ["hmi-2", "40 -> 45", "rule setpoint", "confirmed"]) expect(stdout).toContain(word);
    const at = async (time: string) => (await runHere(["audit", "state", "drive", "--at", time, ...where])).json;
    expect(await at("2026-11-21T13:00:05")).toMatchObject([
      { device: "drive", registers: [{ value: 40, ageMs: 5000, by: "state" }] },
    ]);
    expect(await at("2026-11-21T13:00:10")).toMatchObject([
      { registers: [{ address: 50_009, value: 45, ageMs: 0, by: "write" }] },
    ]);
    expect((await runHere(["audit", "state", "drive", "--log", dir])).stdout).toContain("holding 50009");
  });

  it("say that nothing is on record, and end with 2 for what cannot be asked", async () => {
    const dir = written();
    expect(await runHere(["audit", "blame", "meter", "setpoint", "--log", dir])).toMatchObject({ code: 0, stdout: "" });
    expect(await runHere(["audit", "state", "drive", "--at", "2026-11-20", "--log", dir])).toMatchObject({
      code: 0,
      stdout: "",
    });
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    const later = await runHere(["audit", "state", "drive", "--at", ahead, "--log", dir]);
    expect(later).toMatchObject({ code: 0, stdout: expect.stringContaining("setpoint") });
    expect(later.stderr).toContain("has not come yet");
    const wrong = await runHere(["audit", "blame", "drive", "holding:x", "--log", dir, "--json"]);
    expect(wrong).toMatchObject({ code: 2, json: [{ error: { code: "ERR_AUDIT_QUESTION" } }] });
  });
});
