import { AuditError } from "../error.ts";
import { Frontier } from "../merkle/frontier.ts";
import { ActiveSegment } from "./active-segment.ts";
import { type Checkpoint, checkpointSignedBy } from "./checkpoint.ts";
import { CheckpointBook } from "./checkpoint-book.ts";
import { countOfEpoch } from "./count-of-epoch.ts";
import type { EpochKey, EpochKeys } from "./epoch-keys.ts";
import { listFolder, readExisting } from "./existing.ts";
import { loadFrontier } from "./frontier-file.ts";
import { type LastLine, lastCheckpoint } from "./last-line.ts";
import { openSegment } from "./line-file.ts";
import { KEY_FILE, listSegments } from "./names.ts";
import { MAX_KEY_FILE_BYTES, publicKeyFile, readPublicKey, readPublicKeyFile } from "./public-key.ts";
import { accuse, recover, type TornTail } from "./recover.ts";
import { type WriteFs, writeFileDurably } from "./write-fs.ts";

/** What an open log consists of. */
export interface LogParts {
  readonly frontier: Frontier;
  readonly segment: ActiveSegment;
  /** Time of the first record of that segment; undefined when it has none. */
  readonly begun: string | undefined;
  readonly book: CheckpointBook;
  /** Public key of epoch 0, base64. */
  readonly firstKey: string;
  readonly created: boolean;
  readonly clean: boolean;
  /** Records that no checkpoint covered. */
  readonly uncovered: number;
  /** Fields of the recovery record, when something had to be cut off or made again. */
  readonly recovery: (Partial<TornTail> & { readonly leavesRebuilt?: true }) | undefined;
}

/**
 * The parts of a log that is made now. `key.pub` is published last: a folder without it never held a finished log, and
 * whatever stands there is begun again.
 */
export function createParts(
  write: WriteFs,
  dir: string,
  keys: EpochKeys,
  random: (bytes: number) => Uint8Array,
): LogParts {
  for (const epoch of keys.list()) keys.erase(epoch);
  const key = keys.create(0, null);
  const id = Buffer.from(random(16)).toString("hex");
  return {
    frontier: Frontier.empty(),
    segment: ActiveSegment.create(write, dir, 0),
    begun: undefined,
    book: new CheckpointBook(write, dir, id, keys, key),
    firstKey: key.publicKey,
    created: true,
    clean: true,
    uncovered: 0,
    recovery: undefined,
  };
}

export function publishKey(write: WriteFs, dir: string, name: string, publicKey: string): void {
  writeFileDurably(write, dir, name, Buffer.from(publicKeyFile(publicKey)), 0o600);
}

/** The parts of the log in `dir`, brought back to where it can go on. Undefined when there is none yet. */
export function resumeParts(write: WriteFs, dir: string, keyFolder: string, keys: EpochKeys): LogParts | undefined {
  const tail = lastCheckpoint(dir);
  const keyFile = readExisting(`${dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
  const firstKey = keyFile === undefined ? undefined : readPublicKeyFile(keyFile);
  if (firstKey === undefined) {
    if (isUnfinished(dir, keyFolder, keys, tail)) return undefined;
    throw accuse(dir, 0, "the log is missing, or its key.pub is missing or damaged");
  }
  const { last } = tail;
  if (last === undefined) throw accuse(dir, 0, "the last checkpoint is missing or damaged");
  const current = currentKey(dir, keys, last);
  const { frontier, segment, begun, torn, leavesRebuilt, uncovered, clean } = recover(
    write,
    dir,
    keyFolder,
    last,
    readPublicKey(firstKey)!,
  );
  for (const epoch of keys.list()) if (epoch !== current.epoch) keys.erase(epoch);
  return {
    frontier,
    segment,
    begun,
    book: new CheckpointBook(write, dir, last.log, keys, current, {
      last,
      bytes: tail.bytes,
      inEpoch: countOfEpoch(dir, last.epoch, tail.bytes),
    }),
    firstKey,
    created: false,
    clean,
    uncovered,
    recovery: torn === undefined && !leavesRebuilt ? undefined : { ...torn, ...(leavesRebuilt && { leavesRebuilt }) },
  };
}

/**
 * Making the log was broken off: no key was published yet, and nothing but the log's own first record can stand there.
 * A log that was finished once has left a frontier beside its keys, and is not begun again because its folder is gone.
 */
function isUnfinished(dir: string, keyFolder: string, keys: EpochKeys, tail: LastLine<Checkpoint>): boolean {
  const wasFinished = keys.list().some((epoch) => epoch > 0) || loadFrontier(keyFolder) !== undefined;
  if (wasFinished || listFolder(dir).includes(KEY_FILE) || (tail.last?.size ?? 0) > 1) return false;
  const segments = listSegments(dir);
  const [only] = segments;
  if (only === undefined) return tail.bytes === 0;
  if (segments.length > 1 || only.first !== 0) return false;
  const lines = openSegment(dir, only);
  try {
    return lines.next() === undefined || (lines.next() === undefined && lines.unfinished.length === 0);
  } finally {
    lines.close();
  }
}

/** The private key that goes on after `last`. It also tells whether `last` was signed by this log. */
function currentKey(dir: string, keys: EpochKeys, last: Checkpoint): EpochKey {
  const epoch = last.next === null ? last.epoch : last.epoch + 1;
  const held = keys.list();
  if (!held.includes(epoch) && held.some((other) => other > epoch)) {
    throw accuse(dir, last.size, "the checkpoints after it are missing");
  }
  const current = keys.load(epoch);
  const signer = last.next === null ? current.publicKey : (current.previous ?? "");
  const key = readPublicKey(signer);
  const follows = last.next === null || last.next === current.publicKey;
  if (key === undefined || !checkpointSignedBy(last, key) || !follows) {
    const result = accuse(dir, last.size, "the last checkpoint is not signed by this log's key");
    throw result.seq === last.size && !follows
      ? new AuditError("ERR_AUDIT_KEY", "the private keys belong to another log", { cause: result })
      : result;
  }
  return current;
}
