import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSidecar, type Sidecar } from "./sidecar.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-store-"));
  file = join(folder, "index.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function filled(): Sidecar {
  const sidecar = openSidecar({ file });
  sidecar.exec("create table note (id integer primary key, text text not null) strict");
  sidecar.prepare("insert into note values (?, ?)").run(1, "one");
  return sidecar;
}

const texts = (sidecar: Sidecar): string[] =>
  sidecar
    .prepare<{ readonly text: string }>("select text from note order by id")
    .all()
    .map(({ text }) => text);

describe("openSidecar", () => {
  it("keeps what was written, for its owner only, and another that has it open sees it", () => {
    const one = filled();
    const other = openSidecar({ file });
    other.prepare("insert into note values (?, ?)").run(2, "two");
    expect(texts(one)).toEqual(["one", "two"]);
    expect(one.prepare("select text from note where id = ?").get(3)).toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const sidecar of [one, other]) sidecar.close();
    const again = openSidecar({ file });
    expect(texts(again)).toEqual(["one", "two"]);
    again.close();
  });

  it("does a transaction wholly or not at all", () => {
    const sidecar = filled();
    const insert = sidecar.prepare("insert into note values (?, ?)");
    expect(sidecar.transaction(() => insert.run(2, "two"))).toBeUndefined();
    expect(() =>
      sidecar.transaction(() => {
        insert.run(3, "three");
        insert.run(2, "again");
      }),
    ).toThrow(expect.objectContaining({ code: "ERR_STORE_UNREADABLE" }));
    expect(texts(sidecar)).toEqual(["one", "two"]);
    sidecar.close();
  });

  it("reads a file that it may not write, and writes nothing beside it", () => {
    filled().close();
    const sidecar = openSidecar({ file, readOnly: true });
    expect(texts(sidecar)).toEqual(["one"]);
    expect(() => sidecar.exec("delete from note")).toThrow(expect.objectContaining({ code: "ERR_STORE_UNREADABLE" }));
    sidecar.close();
    expect(() => openSidecar({ file: join(folder, "other.sqlite"), readOnly: true })).toThrow(
      expect.objectContaining({ code: "ERR_STORE_UNREADABLE" }),
    );
  });

  it("says of a file that is no database, or is damaged, that it is", () => {
    const damaged = expect.objectContaining({ code: "ERR_STORE_DAMAGED" });
    filled().close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 4096));
    const sidecar = openSidecar({ file });
    expect(() => texts(sidecar)).toThrow(damaged);
    sidecar.close();
    writeFileSync(file, "this is no database, but it is long enough to be taken for one".repeat(100));
    expect(() => openSidecar({ file })).toThrow(damaged);
  });
});
