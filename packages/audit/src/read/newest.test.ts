import { appendFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { serialiseRecord } from "../record/record.ts";
import { names, type TestLog, testLog } from "../testing/logs.ts";
import { newestRecord } from "./newest.ts";

/** An event with edge 7 in a segment that is compressed, and after it `more` records of other kinds. */
function eventThenOthers(more: number): TestLog {
  const made = testLog();
  const log = made.open({ segmentBytes: 800 });
  const time = "2026-11-21T12:00:00.000000Z";
  log.append(serialiseRecord(time, "identity", { edge: 7, event: "added" }));
  for (let number = 0; number < more; number++) {
    log.append(serialiseRecord("2026-11-21T13:00:00.000000Z", "finding", { text: '"edge":9', detail: { edge: 9 } }));
    log.commit();
  }
  while (log.maintain()) expect(log.state).toBe("open");
  log.close();
  return made;
}

const wanted = {
  contains: '"edge":',
  accept: ({ kind }: { readonly kind: string }): boolean => kind === "identity",
  since: "2026-11-21T11:00:00.000000Z",
  segments: 100,
};

describe("newestRecord", () => {
  it("finds a record far behind others, also in a compressed segment, and passes over an unfinished line", () => {
    const { dir } = eventThenOthers(40);
    expect(names(dir).some((name) => name.endsWith(".zst"))).toBe(true);
    const last = names(dir).findLast((name) => name.endsWith(".jsonl") && name !== "checkpoints.jsonl");
    appendFileSync(`${dir}/${last}`, '{"seq":99,"t":"2026-11-21T12:00:00.000000Z","kind":"identity","edge":');
    expect(newestRecord(dir, wanted)).toMatchObject({ edge: 7, kind: "identity" });
  });

  it("looks no further than it is told: neither in time nor in files", () => {
    const { dir } = eventThenOthers(40);
    expect(newestRecord(dir, { ...wanted, since: "2026-11-21T14:00:00.000000Z" })).toBeUndefined();
    expect(newestRecord(dir, { ...wanted, segments: 2 })).toBeUndefined();
  });
});
