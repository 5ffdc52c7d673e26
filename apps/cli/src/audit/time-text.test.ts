import { describe, expect, it } from "vitest";
import { timeText } from "./time-text.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 30);
const parse = timeText(NOW);
const iso = (text: string): string => new Date(parse(text)).toISOString();

describe("timeText", () => {
  it("takes moments as people write them", () => {
    expect(iso("2026-11-21")).toBe("2026-11-21T00:00:00.000Z");
    expect(iso("2026-11")).toBe("2026-11-01T00:00:00.000Z");
    expect(iso("2026-11-21T09:14")).toBe("2026-11-21T09:14:00.000Z");
    expect(iso("2026-11-21 09:14:03.5Z")).toBe("2026-11-21T09:14:03.500Z");
    expect(iso("2026-11-21T09:14:03.120771+01:00")).toBe("2026-11-21T08:14:03.120Z");
    expect(iso("09:14")).toBe("2026-11-21T09:14:00.000Z");
    expect(iso("23:59:30")).toBe("2026-11-21T23:59:30.000Z");
    expect(iso("-2h")).toBe("2026-11-21T10:30:00.000Z");
    expect(iso("90 m ago")).toBe("2026-11-21T11:00:00.000Z");
    expect(iso("1w ago")).toBe("2026-11-14T12:30:00.000Z");
    expect(iso("today")).toBe("2026-11-21T00:00:00.000Z");
    expect(iso("Yesterday")).toBe("2026-11-20T00:00:00.000Z");
    expect(parse("now")).toBe(NOW);
  });

  it.each(["", "soon", "2026", "2026-13-01", "2026-11-21T25:00", "25:00", "9:14", "-2y", "2h", "constructor"])(
    "refuses %j",
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: "commander.invalidArgument" }));
    },
  );
});
