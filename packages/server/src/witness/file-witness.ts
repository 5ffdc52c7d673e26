import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { checkpointLine } from "@modwarden/audit";
import { type Witness, WitnessError } from "./witness.ts";

/** Enough for the newest line of each of many logs; and as much as is looked through where that does not do. */
const NEWEST_BYTES = 1024 * 1024;
const THOROUGH_BYTES = 64 * 1024 * 1024;
const LF = 0x0a;

/**
 * A file on another mount, as lines of checkpoints.jsonl. It is only ever appended to, so that it may be one that allows
 * nothing else (chattr +a), and several logs may share it: each line carries its log's id.
 */
export function fileWitness(path: string): Witness {
  return {
    name: `file ${path}`,
    async known(_log, _epoch, thorough) {
      const file = await openRegular(path, constants.O_RDONLY);
      if (file === undefined) return [];
      try {
        return linesOf(await tail(file, thorough ? THOROUGH_BYTES : NEWEST_BYTES));
      } finally {
        await file.close();
      }
    },
    async keep(checkpoints) {
      const before = await openRegular(path, constants.O_RDONLY);
      const torn = before !== undefined && !(await endsWhole(before));
      await before?.close();
      const file = await openRegular(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
      if (file === undefined) throw new WitnessError("ERR_WITNESS_AWAY", `${path} is not there`);
      try {
        // A line that was torn by a crash stays what it is, and spoils no other.
        await file.appendFile(`${torn ? "\n" : ""}${checkpoints.map(checkpointLine).join("\n")}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
      if (before === undefined) await syncName(path);
    },
    stop: () => Promise.resolve(),
  };
}

/** Undefined when there is no such file. A folder or a pipe is an error: a pipe would never end. */
async function openRegular(path: string, flags: number): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, flags | constants.O_NONBLOCK, 0o644);
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (absent && (flags & constants.O_CREAT) === 0) return undefined;
    throw error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new WitnessError("ERR_WITNESS_AWAY", `${path} is no file`);
}

async function tail(file: FileHandle, most: number): Promise<Buffer> {
  const { size } = await file.stat();
  const from = Math.max(0, size - most);
  const bytes = Buffer.alloc(size - from);
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  const whole = bytes.subarray(0, got);
  return from === 0 ? whole : whole.subarray(whole.indexOf(LF) + 1);
}

/** Whole lines only: what stands behind the last end of a line is still being written, or was torn. */
function* linesOf(bytes: Buffer): Generator<string, void, void> {
  for (let at = 0; ; ) {
    const end = bytes.indexOf(LF, at);
    if (end < 0) return;
    yield bytes.toString("latin1", at, end);
    at = end + 1;
  }
}

async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === LF;
}

async function syncName(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
