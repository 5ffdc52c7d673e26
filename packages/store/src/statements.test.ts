import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Statements } from "./statements.ts";

let database: DatabaseSync;
let statements: Statements;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  database.exec("create table note (id integer primary key, text text not null)");
  statements = new Statements(database);
});
afterEach(() => database.close());

describe("statements", () => {
  it("are compiled once, and run with other values each time", () => {
    const insert = statements.get("insert into note (text) values (?)");
    expect(insert.reader).toBe(false);
    insert.statement.run("a");
    statements.get("insert into note (text) values (?)").statement.run("b");
    expect(statements.get("insert into note (text) values (?)")).toBe(insert);
    const all = statements.get("select text from note order by id");
    expect(all.reader).toBe(true);
    expect(all.statement.all()).toEqual([{ text: "a" }, { text: "b" }]);
  });

  it("see the columns that came after they were compiled", () => {
    const all = statements.get("select * from note");
    database.exec("insert into note (text) values ('a'); alter table note add column read integer not null default 0");
    expect(statements.get("select * from note")).toBe(all);
    expect(all.statement.all()).toEqual([{ id: 1, text: "a", read: 0 }]);
  });

  it("are bounded: the one that was not used for longest goes", () => {
    const used = statements.get("select 0");
    const unused = statements.get("select -1");
    for (let value = 1; value < 256; value += 1) {
      statements.get(`select ${value}`);
      statements.get("select 0");
    }
    expect(statements.get("select 0")).toBe(used);
    expect(statements.get("select -1")).not.toBe(unused);
  });
});
