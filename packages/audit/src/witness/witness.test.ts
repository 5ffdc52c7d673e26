import { generateKeyPairSync, randomBytes } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Checkpoint, checkpointLine, parseCheckpoint, signCheckpoint } from "../log/checkpoint.ts";
import { EpochKeys } from "../log/epoch-keys.ts";
import { nodeFs } from "../log/write-fs.ts";
import { Prover } from "../prove/prover.ts";
import { snapshot } from "../testing/attack.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, lines, testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { checkpointKey } from "./checkpoint-key.ts";
import { compareWithWitness } from "./compare.ts";
import { FollowedLog } from "./followed-log.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const strangersKey = publicKey.export({ format: "der", type: "spki" }).toString("base64");
const parse = (line: string): Checkpoint => parseCheckpoint(Buffer.from(line))!;

/** A log of `epochs` epochs with a few checkpoints in each; it is left open in the last one. */
function log(epochs = 4) {
  const { dir, clock, open } = testLog();
  const audit = open();
  const write = (): void => {
    audit.append(body(audit.size));
    audit.checkpoint();
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let number = 0; number < 3; number++) write();
    // The second one ends without a record that would be new.
    if (epoch === 1) audit.checkpoint({ handover: true });
    else if (epoch < epochs - 1) {
      clock.ms += 86_400_000;
      write();
    }
  }
  return { dir, audit, write, checkpoints: () => lines(`${dir}/checkpoints.jsonl`) };
}

describe("checkpoints.jsonl", () => {
  it("is searched by size and by epoch", () => {
    const { dir, checkpoints } = log();
    const all = checkpoints().map(parse);
    const file = CheckpointFile.open(dir)!;
    expect(file.last).toEqual(all.at(-1));
    for (const { size } of all) expect(file.ofSize(size)).toEqual(all.filter((one) => one.size === size));
    expect(all.some(({ size }) => file.ofSize(size).length === 2)).toBe(true);
    expect([file.ofSize(0), file.ofSize(99)]).toEqual([[], []]);
    const handovers = all.filter(({ next }) => next !== null);
    expect(handovers).toHaveLength(3);
    for (const handover of handovers) expect(file.handover(handover.epoch)).toEqual(handover);
    expect([file.handover(3), file.handover(9)]).toEqual([undefined, undefined]);
    file.close();
    expect(CheckpointFile.open(temporaryFolder())).toBeUndefined();
  });

  it.each(["no checkpoint\n", `${"x".repeat(9000)}\n`])("is not searched past a line that is none", (rubbish) => {
    const { dir, checkpoints } = log(1);
    writeFileSync(`${dir}/checkpoints.jsonl`, `${rubbish}${checkpoints().at(-1)}\n`);
    const file = CheckpointFile.open(dir)!;
    expect(codeOf(() => file.ofSize(1))).toBe("ERR_AUDIT_TAMPERED");
    file.close();
  });
});

describe("a log beside its witness", () => {
  it("agrees, whatever else stands there, and however late the witness is", () => {
    const { dir, checkpoints } = log();
    const [witnessed] = checkpoints().slice(3);
    const foreign = log(1);
    const kept = [...foreign.checkpoints(), "rubbish", ...checkpoints().slice(0, 4), ...foreign.checkpoints()];
    expect(compareWithWitness(dir, kept)).toEqual({ kind: "agrees", witnessed: parse(witnessed!) });
    expect(compareWithWitness(dir, foreign.checkpoints())).toEqual({ kind: "unknown", others: [foreign.audit.id] });
    expect(compareWithWitness(dir, [])).toEqual({ kind: "unknown", others: [] });
    expect(compareWithWitness(temporaryFolder(), kept)).toBeUndefined();
  });

  it.each([
    ["in the same epoch", 1, 0],
    ["epochs ago", 1, 3],
    ["in a later epoch, of which the first day is cut off", 3, 2],
  ])("is shorter than it was, cut back with its keys to a checkpoint %s", (_what, epochs, more) => {
    const { dir, audit, write, checkpoints } = log(epochs);
    const before = snapshot(dir);
    const { size } = audit;
    for (let epoch = 0; epoch < more; epoch++) {
      write();
      audit.checkpoint({ handover: true });
    }
    // So many that the end of the epoch in which the two pasts part is far behind.
    for (let number = 0; number < 17; number++) write();
    const kept = checkpoints();
    before.putBack();
    // Nothing in the folder shows it.
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: size });
    const verdict = compareWithWitness(dir, kept);
    expect(verdict).toMatchObject({ kind: "differs", seq: size, segment: "000000000000.jsonl" });
    expect(verdict).toMatchObject({ witnessed: parse(kept.at(-1)!) });
    // Nor when it was opened since, which begins an epoch with another key.
    const again = testLog(dir.replace(/\/audit$/, "")).open();
    again.append(body(1));
    again.checkpoint();
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    expect(compareWithWitness(dir, kept)).toMatchObject({ kind: "differs", witnessed: parse(kept.at(-1)!) });
  });

  it("is another one after it was cut back and written on, also when it has become longer", () => {
    const { dir, write, checkpoints } = log(1);
    const before = snapshot(dir);
    write();
    write();
    const kept = checkpoints();
    before.putBack();
    const again = testLog(dir.replace(/\/audit$/, "")).open();
    for (let number = 0; number < 5; number++) again.append(body(1000 + number));
    again.checkpoint();
    const witnessed = parse(kept.at(-1)!);
    expect(again.size).toBeGreaterThan(witnessed.size);
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    expect(compareWithWitness(dir, kept)).toMatchObject({ kind: "differs", witnessed, seq: witnessed.size - 1 });
    expect(compareWithWitness(dir, kept.slice(0, -2))).toMatchObject({ kind: "agrees" });
  });

  it("is not taken for whole because an old line, or a newer one of its own, was appended to the witness", () => {
    const { dir, write, checkpoints } = log(1);
    const before = snapshot(dir);
    write();
    write();
    const kept = checkpoints();
    before.putBack();
    const own = checkpoints();
    const differs = { kind: "differs", witnessed: parse(kept.at(-1)!) };
    expect(compareWithWitness(dir, [...kept, own.at(-1)!, own[0]!])).toMatchObject(differs);
    const again = testLog(dir.replace(/\/audit$/, "")).open();
    for (let number = 0; number < 5; number++) again.append(body(1000 + number));
    again.checkpoint();
    expect(compareWithWitness(dir, [...kept, checkpoints().at(-1)!])).toMatchObject(differs);
  });

  it("cannot be accused by who only writes to the witness", () => {
    const { dir, audit, checkpoints } = log(2);
    const last = parse(checkpoints().at(-1)!);
    const forged = (change: Partial<Checkpoint>): string =>
      checkpointLine(signCheckpoint({ ...last, size: audit.size + 5, ...change }, privateKey));
    const lies = [forged({ epoch: 0 }), forged({}), forged({ next: strangersKey }), forged({ epoch: last.epoch + 1 })];
    expect(compareWithWitness(dir, [...checkpoints(), ...lies])).toMatchObject({ kind: "agrees" });
    expect(compareWithWitness(dir, lies)).toMatchObject({ kind: "unproven", witnessed: parse(lies.at(-1)!) });
    const many = Array.from({ length: 20 }, (_, more) => forged({ size: audit.size + 5 + more }));
    expect(compareWithWitness(dir, [...checkpoints(), ...many])).toMatchObject({ kind: "unproven" });
    // Without a key of its own it cannot tell.
    writeFileSync(`${dir}/key.pub`, "no key");
    expect(compareWithWitness(dir, [forged({ epoch: 0 })])).toMatchObject({ kind: "unproven" });
  });

  it("says so where its own checkpoints are damaged", () => {
    const { dir, checkpoints } = log(1);
    const kept = checkpoints();
    writeFileSync(`${dir}/checkpoints.jsonl`, "rubbish\n");
    appendFileSync(`${dir}/checkpoints.jsonl`, `${kept.at(-1)}\n`);
    expect(codeOf(() => compareWithWitness(dir, kept.slice(0, -1)))).toBe("ERR_AUDIT_TAMPERED");
  });
});

/** That a log has only grown since the checkpoint before. */
function growth(dir: string, from: Checkpoint | undefined, to: Checkpoint): readonly string[] {
  if (from === undefined || from.size >= to.size) return [];
  const prover = new Prover(dir);
  const { path } = prover.consistency(from.size, to.size);
  prover.close();
  return path;
}

describe("a log that is followed from elsewhere", () => {
  it("is taken as it goes on, and gone on with after a restart", () => {
    const { dir, checkpoints } = log();
    const firstKey = checkpointKey(dir);
    expect(lines(`${dir}/key.pub`)[1]).toBe(firstKey);
    expect(codeOf(() => checkpointKey(temporaryFolder()))).toBe("ERR_AUDIT_NO_LOG");
    const kept = checkpoints().map(parse);
    const followed = FollowedLog.begin(firstKey)!;
    const takeBy = (log: FollowedLog) => (checkpoint: Checkpoint) =>
      log.take(checkpoint, growth(dir, log.last, checkpoint));
    expect(kept.map(takeBy(followed))).toEqual(kept.map(() => "taken"));
    expect(followed.take(kept.at(-1)!, [])).toBe("known");
    expect(followed.last).toEqual(kept.at(-1));
    const resumed = FollowedLog.begin(firstKey)!;
    resumed.resume(kept.slice(0, 6));
    expect(kept.slice(6).map(takeBy(resumed))).toEqual(kept.slice(6).map(() => "taken"));
    // Begun late it needs the end of an epoch, which it believes.
    const late = FollowedLog.begin(firstKey)!;
    expect(late.take(kept.at(-1)!, [])).toBe("gap");
    const handover = kept.findLastIndex(({ next }) => next !== null);
    expect(kept.slice(handover).map(takeBy(late))).not.toContain("signature");
    expect(late.last).toEqual(kept.at(-1));
    expect(FollowedLog.begin("no key")).toBeUndefined();
    expect(FollowedLog.begin(strangersKey)!.take(kept[0]!, [])).toBe("signature");
  });

  it("is not taken further than it goes on", () => {
    const { dir, checkpoints } = log(3);
    const kept = checkpoints().map(parse);
    const ended = kept.findIndex(({ next }) => next !== null);
    const [before, handover, after] = [kept[ended - 1]!, kept[ended]!, kept[ended + 1]!];
    const followed = FollowedLog.begin(checkpointKey(dir))!;
    followed.resume(kept.slice(0, ended + 1));
    const grown = growth(dir, handover, after);
    expect(followed.take({ ...after, log: "another" }, grown)).toBe("log");
    expect(followed.take(kept.at(-1)!, [])).toBe("gap");
    expect(followed.take(before, [])).toBe("shorter");
    expect(followed.take({ ...after, sig: before.sig }, grown)).toBe("signature");
    expect(followed.take(after, [])).toBe("growth");
    expect(followed.take(after, [...grown, grown[0]!])).toBe("growth");
    expect(followed.last).toEqual(handover);
    expect(followed.take(after, grown)).toBe("taken");
  });

  it.each<[string, number, string]>([
    ["shorter", 1, "a"],
    ["root", 2, "b"],
    ["growth", 3, "c"],
  ])("shows who signs two pasts with one key: %s", (fault, records, text) => {
    const { dir, write, audit, checkpoints } = log(1);
    const before = snapshot(dir);
    write();
    write();
    const followed = FollowedLog.begin(checkpointKey(dir))!;
    for (const checkpoint of checkpoints().map(parse)) {
      expect(followed.take(checkpoint, growth(dir, followed.last, checkpoint))).toBe("taken");
    }
    expect(audit.size).toBe(followed.last?.size);
    before.putBack();
    // The key of the epoch signs, as it does for who has taken it together with the folder.
    const { key } = new EpochKeys(nodeFs, `${dir}-keys`, randomBytes).load(0);
    const witnessed = followed.last!;
    const other = { ...witnessed, size: witnessed.size - 2 + records, root: Buffer.alloc(32, text).toString("base64") };
    const invented = Array.from({ length: 3 }, () => Buffer.alloc(32, text).toString("base64"));
    expect(followed.take(signCheckpoint(other, key), invented)).toBe(fault);
  });
});
