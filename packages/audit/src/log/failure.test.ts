import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failingFs } from "../testing/failing-fs.ts";
import { body, codeOf, lines, names, testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";
import { nodeFs, type WriteFs } from "./write-fs.ts";

const FIRST = "000000000000.jsonl";

/** A disk that takes `room` more bytes, then what remains of a write, then nothing. */
function shrinking(): { fs: WriteFs; disk: { room: number } } {
  const disk = { room: Number.POSITIVE_INFINITY };
  const writeSync = (fd: number, bytes: Uint8Array, at: number, length: number, position: number): number => {
    if (disk.room === 0) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    const taken = nodeFs.writeSync(fd, bytes, at, Math.min(length, disk.room), position);
    disk.room -= taken;
    return taken;
  };
  return { fs: { ...nodeFs, writeSync: writeSync as WriteFs["writeSync"] }, disk };
}

describe("a disk that is full", () => {
  it("costs no record: a line that was half written is taken back, and a later commit succeeds", () => {
    for (let room = 0; room < 400; room += 23) {
      const { fs, disk } = shrinking();
      const { dir, open } = testLog();
      const log = open({ fs });
      const before = readFileSync(`${dir}/${FIRST}`);
      disk.room = room;
      for (let number = 0; number < 3; number++) log.append(body(number));
      const codes = [codeOf(() => log.commit()), codeOf(() => log.checkpoint())];
      expect(codes).toContain("ERR_AUDIT_FULL");
      expect(log.state).toBe("full");
      const written = readFileSync(`${dir}/${FIRST}`);
      if (log.size === 2) expect(written).toEqual(before);
      expect(written.at(-1)).toBe(10);
      expect(verifyLog({ dir })).toMatchObject({ ok: true, records: log.size });
      disk.room = Number.POSITIVE_INFINITY;
      expect(log.append(body(3))).toBe(5);
      log.checkpoint();
      expect([log.state, log.size, log.covered]).toEqual(["open", 6, 6]);
      log.close();
      expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 7, pending: 0 });
    }
  });

  it("lets only so much wait", () => {
    const { fs, disk } = shrinking();
    const log = testLog().open({ fs });
    disk.room = 0;
    const large = body(1, "x".repeat(1_000_000));
    while (!log.isFull) log.append(large);
    const { waiting } = log;
    expect(codeOf(() => log.append(large))).toBe("ERR_AUDIT_FULL");
    expect(log.waiting).toBe(waiting);
  });

  it("delays the next segment and the next epoch, not the records", () => {
    const { fs, disk } = shrinking();
    const { dir, clock, open } = testLog();
    const log = open({ fs, segmentBytes: 500 });
    log.append(body(1, "x".repeat(500)));
    disk.room = body(1, "x".repeat(500)).length + 10 + 32;
    log.commit();
    expect([log.state, log.size]).toEqual(["full", 3]);
    expect(names(dir)).toHaveLength(4);
    clock.ms += 86_400_000;
    expect(codeOf(() => log.checkpoint())).toBe("ERR_AUDIT_FULL");
    expect(log.epoch).toBe(0);
    disk.room = Number.POSITIVE_INFINITY;
    log.checkpoint();
    log.append(body(2));
    log.close();
    expect(log.epoch).toBeGreaterThan(0);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 6, pending: 0 });
  });

  it("costs no descriptor for each attempt to begin the next segment", () => {
    const openFiles = new Set<number>();
    const disk = { full: false };
    const fs: WriteFs = {
      ...nodeFs,
      openSync: ((path: string, ...more: [number]) => {
        if (disk.full && path.endsWith(".leaves")) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
        const fd = nodeFs.openSync(path, ...more);
        openFiles.add(fd);
        return fd;
      }) as WriteFs["openSync"],
      closeSync: (fd) => {
        nodeFs.closeSync(fd);
        openFiles.delete(fd);
      },
    };
    const log = testLog().open({ fs, segmentBytes: 80 });
    const before = openFiles.size;
    disk.full = true;
    for (let number = 0; number < 5; number++) {
      log.append(body(number));
      log.commit();
      expect([log.state, openFiles.size]).toEqual(["full", before]);
    }
    log.close();
    expect(openFiles.size).toBe(0);
  });

  it("leaves a sealed segment plain", () => {
    const { fs, disk } = shrinking();
    const { dir, open } = testLog();
    const log = open({ fs, segmentBytes: 300 });
    log.append(body(1, "x".repeat(500)));
    log.commit();
    disk.room = 10;
    expect(codeOf(() => log.maintain())).toBe("ERR_AUDIT_FULL");
    expect(log.maintain()).toBe(false);
    expect(names(dir).filter((name) => name.includes("zst"))).toEqual([]);
    disk.room = Number.POSITIVE_INFINITY;
    log.append(body(1, "x".repeat(500)));
    log.commit();
    while (log.maintain()) expect(log.state).toBe("open");
    expect(names(dir).filter((name) => name.endsWith(".zst"))).toHaveLength(2);
  });
});

describe("a disk that fails", () => {
  it("fails the log for good: a sync is never tried twice", () => {
    const { fs, failing } = failingFs();
    const { dir, open } = testLog();
    const log = open({ fs });
    log.append(body(1));
    failing.set("fdatasyncSync", "EIO");
    expect(codeOf(() => log.commit())).toBe("ERR_AUDIT_FAILED");
    failing.clear();
    expect(log.state).toBe("failed");
    for (const action of [
      () => log.commit(),
      () => log.append(body(2)),
      () => log.checkpoint(),
      () => log.maintain(),
    ]) {
      expect(codeOf(action)).toBe("ERR_AUDIT_FAILED");
    }
    log.close();
    expect(lines(`${dir}/${FIRST}`).some((line) => line.includes("stop"))).toBe(false);
    const again = open();
    expect(again.size).toBe(4);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it.each(["EIO", "EBADF"])("does so when a write ends in %s", (code) => {
    const { fs, failing } = failingFs();
    const log = testLog().open({ fs });
    log.append(body(1));
    failing.set("writeSync", code);
    expect(codeOf(() => log.commit())).toBe("ERR_AUDIT_FAILED");
    expect(log.state).toBe("failed");
  });

  it("does so when what was half written cannot be taken back", () => {
    const { fs, failing } = failingFs();
    const log = testLog().open({ fs });
    log.append(body(1));
    failing.set("writeSync", "ENOSPC").set("ftruncateSync", "EIO");
    expect(codeOf(() => log.commit())).toBe("ERR_AUDIT_FAILED");
  });

  it("does so when the next segment cannot be made", () => {
    const { fs, failing } = failingFs();
    const log = testLog().open({ fs, segmentBytes: 300 });
    log.append(body(1, "x".repeat(500)));
    failing.set("openSync", "EMFILE");
    expect(codeOf(() => log.commit())).toBe("ERR_AUDIT_FAILED");
    expect(log.size).toBe(3);
  });

  it("does not let a log be opened", () => {
    for (const call of ["mkdirSync", "openSync", "fsyncSync", "writeSync"] as const) {
      const { fs, failing } = failingFs();
      failing.set(call, "EIO");
      expect(codeOf(() => testLog().open({ fs }))).toBe("ERR_AUDIT_FAILED");
    }
    const { fs, failing } = failingFs();
    failing.set("writeSync", "EDQUOT");
    expect(codeOf(() => testLog().open({ fs }))).toBe("ERR_AUDIT_FULL");
  });
});
