/** What else keeps records: with the same texts, made durable in groups of the same size. */
import { hash } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { formatTime, serialiseTransaction } from "@modwarden/audit";
import { transactionsOf } from "./transactions.ts";

/** Records of one commit: about as many as fit into 256 KiB. */
const GROUP = 450;

interface Keeper {
  keep(texts: readonly string[]): void;
  close(): void;
}

export const others: Readonly<Record<string, (folder: string) => Keeper>> = {
  "file, no evidence": (folder) => {
    const fd = openSync(join(folder, "plain.jsonl"), "w");
    return {
      keep(texts) {
        writeSync(fd, `{${texts.join("\n{")}\n`);
        fdatasyncSync(fd);
      },
      close: () => closeSync(fd),
    };
  },
  "hash chain": (folder) => {
    const fd = openSync(join(folder, "chain.jsonl"), "w");
    let last = "";
    return {
      keep(texts) {
        let lines = "";
        for (const text of texts) {
          last = hash("sha256", last + text, "hex");
          lines += `{"hash":"${last}",${text}\n`;
        }
        writeSync(fd, lines);
        fdatasyncSync(fd);
      },
      close: () => closeSync(fd),
    };
  },
  "node:sqlite": (folder) => {
    const database = new DatabaseSync(join(folder, "records.sqlite"));
    database.exec("pragma journal_mode = wal; pragma synchronous = full; create table record (text text not null)");
    const insert = database.prepare("insert into record (text) values (?)");
    return {
      keep(texts) {
        database.exec("begin");
        for (const text of texts) insert.run(text);
        database.exec("commit");
      },
      close: () => database.close(),
    };
  },
};

/** Records a second. */
export function keepFor(keeper: Keeper, forMs: number): number {
  const transactions = transactionsOf(1_024);
  let kept = 0;
  const start = performance.now();
  for (const end = start + forMs; performance.now() < end; kept += GROUP) {
    const texts: string[] = [];
    for (let count = 0; count < GROUP; count += 1) {
      texts.push(serialiseTransaction(formatTime(Date.now()), transactions[(kept + count) & 1_023]!));
    }
    keeper.keep(texts);
  }
  const seconds = (performance.now() - start) / 1_000;
  keeper.close();
  return kept / seconds;
}
