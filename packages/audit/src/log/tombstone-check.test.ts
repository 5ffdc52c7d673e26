import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, lines, names, type TestLog, testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";
import { type Checkpoint, checkpointLine, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { segmentBase } from "./names.ts";
import { signTombstone, type Tombstone, tombstoneLine } from "./tombstone.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const strangersKey = publicKey.export({ format: "der", type: "spki" }).toString("base64");
const segmentBytes = 1000;

let template: string;
let checkpoints: readonly Checkpoint[];
/** The first segment as if it had been removed: signed by nobody. */
let draft: Tombstone;

beforeAll(() => {
  const { dir, open, clock } = testLog();
  for (let day = 0; day < 3; day++) {
    const log = open({ segmentBytes });
    for (let number = 0; number < 10; number++) {
      log.append(body(number));
      log.commit();
    }
    clock.ms += 86_400_000;
    log.close();
  }
  template = temporaryFolder();
  for (const end of ["", "-keys"]) cpSync(`${dir}${end}`, `${template}/audit${end}`, { recursive: true });
  checkpoints = lines(`${dir}/checkpoints.jsonl`).map((line) => parseCheckpoint(Buffer.from(line))!);
  const second = names(dir).filter((name) => /^\d+\.jsonl$/.test(name))[1]!;
  const { log, size, root } = checkpoints.find((one) => one.size === Number.parseInt(second, 10))!;
  const [file, sha256] = [`${segmentBase(0)}.jsonl`, "0".repeat(64)];
  const t = "2026-11-24T12:00:00.000000Z";
  draft = { log, first: 0, size, root, file, bytes: 1, sha256, t, epoch: 2, reason: "age", sig: "" };
});

function copy(): TestLog {
  const made = testLog(temporaryFolder());
  for (const end of ["", "-keys"]) cpSync(`${template}/audit${end}`, `${made.dir}${end}`, { recursive: true });
  made.clock.ms += 3 * 86_400_000;
  return made;
}

/** What a start does with a log to which these lines were put as tombstones; all segments are still there. */
function started({ dir, open }: TestLog, ...tombstones: readonly string[]): { code: string; removed: number } {
  const before = names(dir).filter((name) => /^\d/.test(name));
  writeFileSync(`${dir}/tombstones.jsonl`, tombstones.map((line) => `${line}\n`).join(""));
  const code = codeOf(() => {
    const log = open({ segmentBytes });
    while (log.maintain());
    log.close();
  });
  const after = new Set(names(dir).map((name) => name.slice(0, 12)));
  return { code, removed: before.filter((name) => !after.has(name.slice(0, 12))).length };
}

const forged = (change: Partial<Tombstone> = {}): string =>
  tombstoneLine(signTombstone({ ...draft, ...change }, privateKey));

describe("a tombstone that whoever may only write into the folder has put there", () => {
  it("makes no start remove anything, nor say on record that it was lawful", () => {
    const far = { size: checkpoints.at(-1)!.size, root: checkpoints.at(-1)!.root };
    for (const line of [forged(), forged(far), forged({ log: "0".repeat(32) }), forged({ size: 10 ** 9 }), "rubbish"]) {
      const made = copy();
      expect(started(made, line)).toEqual({ code: "ERR_AUDIT_TAMPERED", removed: 0 });
      expect(readFileSync(`${made.dir}/tombstones.jsonl`, "utf8")).toBe(`${line}\n`);
    }
  });

  it("does not do so where the checkpoints were made to hand over to a key of their own", () => {
    const made = copy();
    const end = checkpoints.findIndex(({ epoch, next }) => epoch === 1 && next !== null);
    const lie = signCheckpoint({ ...checkpoints[end]!, next: strangersKey }, privateKey);
    const list = checkpoints.map((one, index) => checkpointLine(index === end ? lie : one));
    writeFileSync(`${made.dir}/checkpoints.jsonl`, list.map((line) => `${line}\n`).join(""));
    expect(verifyLog({ dir: made.dir })).toMatchObject({ ok: false });
    expect(started(made, forged())).toEqual({ code: "ERR_AUDIT_TAMPERED", removed: 0 });
  });

  it("is told from one that is just being written", () => {
    const made = copy();
    expect(started(made).code).toBe("nothing was thrown");
    appendFileSync(`${made.dir}/tombstones.jsonl`, forged().slice(0, 100));
    expect(codeOf(() => made.open().close())).toBe("nothing was thrown");
    truncateSync(`${made.dir}/tombstones.jsonl`, 0);
    expect(verifyLog({ dir: made.dir })).toMatchObject({ ok: true });
  });
});
