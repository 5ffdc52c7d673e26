import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { body, testLog } from "../testing/logs.ts";
import { logExtent } from "./extent.ts";

describe("how much of a log there is", () => {
  it("is its segments, their bytes and its oldest record, which is read once", () => {
    const { dir, open } = testLog();
    expect(logExtent(temporaryFolder())).toEqual({ segments: 0, bytes: 0, oldest: undefined });
    const log = open({ segmentBytes: 500 });
    const before = logExtent(dir);
    expect(before).toMatchObject({ segments: 1, oldest: { seq: 0, t: "2026-11-21T12:00:00.000000Z" } });
    for (let number = 0; number < 10; number++) {
      log.append(body(number));
      log.commit();
    }
    const after = logExtent(dir, before);
    expect(after.segments).toBeGreaterThan(1);
    expect(after.bytes).toBeGreaterThan(before.bytes);
    expect(after.oldest).toBe(before.oldest);
  });
});
