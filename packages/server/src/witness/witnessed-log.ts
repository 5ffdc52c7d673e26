import { constants, existsSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Checkpoint, checkpointLine, FollowedLog, type NotFollowing, parseCheckpoint } from "@modwarden/audit";

/** A file beyond this is made smaller: every end of an epoch is kept up to a number, and the newest of the others. */
const MAX_BYTES = 2 * 1024 * 1024;
const ENDS = 1024;
const OTHERS = 1024;
/** Ends of epochs that are told at once, the newest: an answer is at most 64 KiB. */
const TOLD = 120;

export interface ShownCheckpoint {
  readonly checkpoint: Checkpoint;
  /** That the log has only grown since the one before. */
  readonly growth: readonly string[];
}

/** One log of another gateway, as it is witnessed here: its checkpoints, exactly as they stand in its own file. */
export class WitnessedLog {
  /** The first public key that was shown; another one is another log, whatever it calls itself. */
  readonly key: string;
  readonly #file: string;
  readonly #followed: FollowedLog;
  #ends: Checkpoint[];
  #bytes: number;

  private constructor(file: string, key: string, followed: FollowedLog, kept: readonly Checkpoint[], bytes: number) {
    this.#file = file;
    this.key = key;
    this.#followed = followed;
    this.#ends = kept.filter(({ next }) => next !== null).slice(-ENDS);
    this.#bytes = bytes;
  }

  /** The log that is kept in `<base>.jsonl` with its key in `<base>.pub`; undefined when none is. */
  static async load(base: string): Promise<WitnessedLog | undefined> {
    if (!existsSync(`${base}.pub`)) return undefined;
    const key = (await readFile(`${base}.pub`, "utf8")).trim();
    const followed = FollowedLog.begin(key);
    if (followed === undefined) throw new Error(`${base}.pub holds no public key`);
    const text = existsSync(`${base}.jsonl`) ? await readFile(`${base}.jsonl`, "latin1") : "";
    // What stands behind the last end of a line was torn by a crash, and was never answered.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const kept = whole.split("\n").flatMap((line) => parseCheckpoint(Buffer.from(line)) ?? []);
    followed.resume(kept);
    if (whole.length < text.length) await replace(`${base}.jsonl`, whole);
    return new WitnessedLog(`${base}.jsonl`, key, followed, kept, whole.length);
  }

  /** Begins to keep a log. Undefined when `key` is none. */
  static async begin(base: string, key: string): Promise<WitnessedLog | undefined> {
    const followed = FollowedLog.begin(key);
    if (followed === undefined) return undefined;
    await mkdir(dirname(base), { recursive: true, mode: 0o700 });
    await replace(`${base}.pub`, `${key}\n`);
    return new WitnessedLog(`${base}.jsonl`, key, followed, [], 0);
  }

  get last(): Checkpoint | undefined {
    return this.#followed.last;
  }

  /** Lines of the ends of epochs from `epoch` on, and of the newest. */
  known(epoch: number): string[] {
    const { last } = this;
    const ends = this.#ends.filter((end) => end.epoch >= epoch).slice(-TOLD);
    return [...ends, ...(last === undefined || ends.includes(last) ? [] : [last])].map(checkpointLine);
  }

  /** Keeps what goes on from what is kept, on disk when it resolves. Returns why the first that does not, does not. */
  async keep(shown: readonly ShownCheckpoint[]): Promise<NotFollowing | undefined> {
    const taken: Checkpoint[] = [];
    let fault: NotFollowing | undefined;
    for (const { checkpoint, growth } of shown) {
      const verdict = this.#followed.take(checkpoint, growth);
      if (verdict === "taken") taken.push(checkpoint);
      else if (verdict !== "known") {
        fault = verdict;
        break;
      }
    }
    if (taken.length > 0) await this.#append(taken);
    return fault;
  }

  async #append(taken: readonly Checkpoint[]): Promise<void> {
    const text = taken.map((checkpoint) => `${checkpointLine(checkpoint)}\n`).join("");
    const isNew = this.#bytes === 0;
    const file = await open(this.#file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      await file.appendFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (isNew) await syncFolder(dirname(this.#file));
    this.#bytes += text.length;
    this.#ends = [...this.#ends, ...taken.filter(({ next }) => next !== null)].slice(-ENDS);
    if (this.#bytes > MAX_BYTES) await this.#thin();
  }

  async #thin(): Promise<void> {
    const kept = (await readFile(this.#file, "latin1")).split("\n");
    const checkpoints = kept.flatMap((line) => parseCheckpoint(Buffer.from(line)) ?? []);
    const others = new Set(checkpoints.filter(({ next }) => next === null).slice(-OTHERS));
    const ends = new Set(checkpoints.filter(({ next }) => next !== null).slice(-ENDS));
    const left = checkpoints.filter((checkpoint) => others.has(checkpoint) || ends.has(checkpoint));
    const text = left.map((checkpoint) => `${checkpointLine(checkpoint)}\n`).join("");
    await replace(this.#file, text);
    this.#bytes = text.length;
  }
}

/** The old content or the new, never half of one. */
async function replace(path: string, text: string): Promise<void> {
  const file = await open(`${path}.tmp`, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  await syncFolder(dirname(path));
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(join(dir), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
