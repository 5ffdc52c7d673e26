import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { openSidecar } from "@modwarden/store";
import { describe, expect, it } from "vitest";
import { serialiseRecord } from "../record/record.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, type TestLog, testLog } from "../testing/logs.ts";
import { seeded } from "../testing/mixed-log.ts";
import { AuditIndex } from "./audit-index.ts";
import { countFound, search } from "./search.ts";

const TIME = "2026-11-21T12:00:00.000000Z";

/** A log of its first record, `count` findings and the record of its start, indexed. */
function indexed(count = 20, folder?: string): TestLog & { readonly index: AuditIndex; readonly records: number } {
  const made = testLog(folder);
  const log = made.open({ segmentBytes: 1200 });
  for (let number = 0; number < count; number++) {
    log.append(body(number));
    log.commit();
  }
  log.close();
  const index = new AuditIndex({ dir: made.dir });
  index.update();
  return { ...made, index, records: log.size };
}

const all = (index: AuditIndex): number[] =>
  search(index, {}, { newestFirst: false, limit: 1000 }).found.map(({ seq }) => seq);
const range = (records: number): number[] => Array.from({ length: records }, (_, seq) => seq);

function append(log: TestLog, count: number): void {
  const opened = log.open();
  for (let number = 0; number < count; number++) opened.append(serialiseRecord(TIME, "policy", { event: "applied" }));
  opened.close();
}

describe("AuditIndex", () => {
  it("stands beside the log, for its owner only, and goes on where it was", () => {
    const { dir, index, records, ...log } = indexed();
    expect(index.file).toBe(`${dir}-index.sqlite`);
    expect(statSync(index.file).mode & 0o777).toBe(0o600);
    index.close();
    append({ dir, ...log }, 3);
    const again = new AuditIndex({ dir });
    expect(again.status).toMatchObject({ records, damaged: 0 });
    again.update();
    expect(countFound(again, { kind: "policy" })).toBe(3);
    expect(all(again)).toEqual(range(again.status.records));
    again.close();
  });

  it("is thrown away when it is damaged in any place, of another version, or no database at all", () => {
    const { dir, index, records } = indexed();
    index.close();
    const { file } = index;
    const good = readFileSync(file);
    const random = seeded(7);
    const spoil: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => bytes.fill("no database"),
      (bytes) => bytes.subarray(0, 5000),
      (bytes) => bytes.fill(0xff, 4096),
      () => Buffer.alloc(0),
      ...Array.from(
        { length: 12 },
        () => (bytes: Buffer) => bytes.fill(random(256), random(bytes.length)).fill(1, bytes.length - random(4096)),
      ),
    ];
    for (const change of spoil) {
      writeFileSync(file, change(Buffer.from(good)));
      const healed = new AuditIndex({ dir });
      healed.update();
      expect(all(healed)).toEqual(range(records));
      expect(countFound(healed, { kind: "finding" })).toBe(20);
      healed.close();
    }
    const other = openSidecar({ file });
    other.exec("pragma user_version = 99");
    other.close();
    const renewed = new AuditIndex({ dir });
    expect(renewed.status.records).toBe(0);
    renewed.close();
  });

  it("finds a list that was changed within the database, and makes itself anew", () => {
    const { index, records } = indexed();
    const raw = openSidecar({ file: index.file });
    raw.exec("update posting set list = zeroblob(6)");
    expect(all(index)).toEqual(range(records));
    raw.exec("delete from content");
    expect(countFound(index, { text: "finding" })).toBe(20);
    raw.exec("delete from content");
    const noon = Date.parse("2026-11-21T12:00:00Z");
    expect(countFound(index, { from: noon + 1, to: noon + 2 })).toBe(0);
    raw.exec("delete from progress");
    index.update();
    expect(countFound(index, { kind: "finding" })).toBe(20);
    raw.close();
    index.close();
  });

  it("follows the log that is there: cut, longer, or another one", () => {
    const first = indexed(20);
    const copy = temporaryFolder();
    first.index.close();
    const index = (file: string, dir: string): AuditIndex => {
      const opened = new AuditIndex({ dir, file });
      opened.update();
      return opened;
    };
    // An index that knows more than the log: of the log's copy before it grew.
    const shorter = testLog(copy);
    const log = shorter.open();
    for (let number = 0; number < 5; number++) log.append(body(number + 100));
    log.close();
    const file = first.index.file;
    const cut = index(file, shorter.dir);
    expect(all(cut)).toEqual(range(log.size));
    cut.close();
    const longer = index(file, first.dir);
    expect(all(longer)).toEqual(range(first.records));
    longer.close();
  });

  it("is made anew under others that have it open", () => {
    const { dir, index, records } = indexed();
    const other = new AuditIndex({ dir });
    other.update();
    index.rebuild();
    expect(all(other)).toEqual(range(records));
    append(testLog(dir.replace(/\/audit$/, "")), 2);
    other.update();
    expect(countFound(index, { kind: "policy" })).toBe(2);
    for (const opened of [index, other]) opened.close();
  });

  it("counts lines that are no records, and does not show what the log has not written", () => {
    const { dir, index } = indexed(40);
    index.close();
    const file = `${dir}/000000000000.jsonl`;
    const [, ...lines] = readFileSync(file, "utf8").split("\n");
    const spoilt = lines.map((line, at) => (at === 1 ? "no record" : line.replace('"number":3,', '"number": 3,')));
    writeFileSync(file, [readFileSync(file, "utf8").split("\n")[0], ...spoilt].join("\n"));
    const again = new AuditIndex({ dir });
    again.rebuild();
    expect(again.status.damaged).toBe(1);
    const page = search(again, { kind: "finding" }, { newestFirst: true, limit: 100 });
    expect(page.damaged).toHaveLength(1);
    expect(page.found).toHaveLength(38);
    again.close();
  });

  it("begins where the log begins, and keeps quiet about what was removed with its segment", () => {
    const { dir, index, records } = indexed();
    rmSync(`${dir}/000000000000.jsonl`);
    const left = all(index);
    expect(left.length).toBeGreaterThan(3);
    expect(left).toEqual(range(records).slice(-left.length));
    index.rebuild();
    expect(all(index)).toEqual(left);
    expect(index.status).toMatchObject({ records, damaged: 0 });
    index.close();
  });

  it("says which records are missing that were not removed: an empty segment was put before them", () => {
    const { dir, index } = indexed(40);
    writeFileSync(`${dir}/${String(10).padStart(12, "0")}.jsonl`, "");
    const page = search(index, { kind: "finding" }, { newestFirst: false, limit: 100 });
    expect(page.damaged[0]).toBe(10);
    expect(page.found.length + page.damaged.length).toBe(40);
    index.close();
  });

  it("says where it cannot be, and touches nothing that is no index", () => {
    const { dir, index } = indexed();
    index.close();
    const folder = temporaryFolder();
    const notes = `${folder}/notes.txt`;
    writeFileSync(notes, "notes");
    expect(codeOf(() => new AuditIndex({ dir, file: notes }))).toBe("ERR_AUDIT_INDEX_PLACE");
    expect(readFileSync(notes, "utf8")).toBe("notes");
    expect(codeOf(() => new AuditIndex({ dir, file: folder }))).toBe("ERR_AUDIT_INDEX_PLACE");
    expect(codeOf(() => new AuditIndex({ dir, file: `${folder}/none/index.sqlite` }))).toBe("ERR_AUDIT_INDEX_PLACE");
    expect(codeOf(() => new AuditIndex({ dir: folder }))).toBe("ERR_AUDIT_NO_LOG");
    expect(existsSync(`${folder}-index.sqlite`)).toBe(false);
  });
});
