import { hash } from "node:crypto";
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { openSidecar, type Sidecar, StoreError } from "@modwarden/store";
import { AuditError, systemCode } from "../error.ts";
import { LogReader } from "../read/log-reader.ts";
import { APPLICATION_ID, INDEX_VERSION, numberIn, SCHEMA, TABLES } from "./schema.ts";
import { indexDamaged } from "./sealed.ts";

const HEADER_BYTES = 100;
const APPLICATION_ID_AT = 68;

export interface IndexPlace {
  /** The folder of the log. */
  readonly dir: string;
  /** The file of the index. Default: `<dir>-index.sqlite`, beside the folder. */
  readonly file?: string;
}

/**
 * Opens the index of a log, and makes it where there is none. One that is damaged or of another version is thrown away,
 * and so is what it knows and the log does not hold. Errors: `ERR_AUDIT_NO_LOG`, `ERR_AUDIT_INDEX_PLACE`
 */
export function openIndexFile(place: IndexPlace): Sidecar {
  const file = indexFileOf(place);
  // Whoever names a file may be mistaken: only what is an index is ever removed. The place beside the log is ours.
  if (place.file !== undefined && !mayBeReplaced(file)) {
    throw new AuditError(
      "ERR_AUDIT_INDEX_PLACE",
      `${file} is there and is no index of an audit log: name another file`,
    );
  }
  try {
    return opened(file, place.dir);
  } catch (error) {
    if (!isDamage(error)) throw asIndexError(error, file);
    removeIndexFile(file);
    return opened(file, place.dir);
  }
}

export function indexFileOf({ dir, file }: IndexPlace): string {
  return file ?? `${dir.replace(/\/+$/, "")}-index.sqlite`;
}

/** Something in the file is not what was written: it has to be made again. */
export function isDamage(error: unknown): boolean {
  if (error instanceof AuditError) return error.code === "ERR_AUDIT_INDEX";
  return error instanceof StoreError && error.code === "ERR_STORE_DAMAGED";
}

export function removeIndexFile(file: string): void {
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${file}${end}`, { force: true });
}

function asIndexError(error: unknown, file: string): unknown {
  if (!(error instanceof StoreError)) return error;
  return new AuditError(
    "ERR_AUDIT_INDEX_PLACE",
    `the index of the audit log cannot be kept in ${file}: ${error.message}. Name a file in a folder that can be written`,
    { cause: error },
  );
}

function opened(file: string, dir: string): Sidecar {
  // Before a file is made beside it.
  const reader = new LogReader(dir);
  const sidecar = openSidecar({ file });
  try {
    sidecar.transaction(() => {
      if (numberIn(sidecar, "select count(*) as tables from sqlite_schema") === 0) sidecar.exec(SCHEMA);
      const version = numberIn(sidecar, "pragma user_version");
      if (version !== INDEX_VERSION) throw indexDamaged(`it is of version ${version}, not ${INDEX_VERSION}`);
      const tables = numberIn(sidecar, "select count(*) as tables from sqlite_schema where type = 'table'");
      if (tables !== TABLES) throw indexDamaged("it has other tables than an index");
    });
    cutToLog(sidecar, reader);
    return sidecar;
  } catch (error) {
    sidecar.close();
    throw error;
  } finally {
    reader.close();
  }
}

function mayBeReplaced(file: string): boolean {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const fd = openSync(file, "r");
    try {
      const length = readSync(fd, header, 0, HEADER_BYTES, 0);
      return length === 0 || header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw new AuditError("ERR_AUDIT_INDEX_PLACE", `${file} cannot be read: ${systemCode(error)}`, { cause: error });
  }
}

interface LastRecord {
  readonly number: number;
  readonly seq: number;
  readonly hash: Uint8Array;
}

/**
 * Index and log agree up to some record: of every block the index has the hash of its last line. What is behind the
 * last block that agrees is forgotten: the log was restored from a copy, lost its end in a crash, or is another one.
 */
function cutToLog(sidecar: Sidecar, reader: LogReader): void {
  const last = sidecar.prepare<LastRecord>("select number, seq, hash from block order by number desc limit 1 offset ?");
  const agrees = (back: number): boolean => {
    const block = last.get(back);
    if (block === undefined) return true;
    const line = reader.line(block.seq);
    return line !== undefined && hash("sha256", line, "buffer").equals(block.hash);
  };
  if (agrees(0)) return;
  // The smallest number of blocks to go back: `low` does not agree, `high` does.
  let low = 0;
  let high = numberIn(sidecar, "select count(*) as blocks from block");
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (agrees(middle)) high = middle;
    else low = middle;
  }
  const kept = last.get(high);
  sidecar.transaction(() => {
    for (const table of ["block", "content"])
      sidecar.prepare(`delete from ${table} where number > ?`).run(kept?.number ?? -1);
    sidecar.prepare("delete from posting where block > ?").run(kept?.number ?? -1);
    sidecar.prepare("update progress set next = ?, damaged = 0").run(kept === undefined ? 0 : kept.seq + 1);
  });
}
