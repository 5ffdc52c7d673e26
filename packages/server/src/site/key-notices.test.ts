import { describe, expect, it } from "vitest";
import { keyNotices } from "./key-notices.ts";

const about = { edge: 1, at: new Date(0), kind: "enrolment", key: "5M3Y0RKT" } as const;

describe("keyNotices", () => {
  it("tells of a leaked key and who came by it, of a conflict, and of an end", () => {
    const leaked = keyNotices([
      {
        ...about,
        event: "key-leaked",
        source: "10.0.0.9",
        detail: { identities: "hmi-1, hmi-2" },
      },
    ]);
    for (const part of ["5M3Y0RKT", "10.0.0.9", "hmi-1, hmi-2"]) expect(leaked[0]).toContain(part);
    expect(
      keyNotices([{ ...about, event: "key-conflict", detail: { used: 2, uses: 1, identities: "hmi-1" } }])[0],
    ).toContain("hmi-1");
    expect(keyNotices([{ ...about, event: "key-expires-soon", detail: { days: 7 } }])[0]).toContain("7 days");
  });

  it("says nothing of what happens every day", () => {
    expect(keyNotices([{ ...about, event: "key-created" }])).toEqual([]);
    expect(keyNotices([{ ...about, event: "refused", reason: "unknown" }])).toEqual([]);
    const away = {
      ...about,
      event: "refused",
      reason: "authority",
      id: "hmi-2",
      detail: { problem: "it is away" },
    } as const;
    expect(keyNotices([away])[0]).toContain("it is away");
  });
});
