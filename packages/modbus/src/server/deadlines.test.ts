import { expect, test } from "vitest";
import { Deadlines } from "./deadlines.ts";
import { limitsOf } from "./options.ts";

const limits = limitsOf({ frameTimeoutMs: 100, idleTimeoutMs: 200, stallTimeoutMs: 1000 });

test("a client that is not read from owes neither the rest of its frame nor a sign of life", () => {
  const deadlines = new Deadlines(1);
  deadlines.received(1, 1, 5);
  deadlines.stalled(1);
  expect(deadlines.passed(1000, limits, true)).toBeUndefined();
  expect(deadlines.passed(1001, limits, true)).toBe("stalled");
  deadlines.drained(1000);
  expect(deadlines.passed(1099, limits, true)).toBeUndefined();
  expect(deadlines.passed(1100, limits, true)).toBe("frame-timeout");
  deadlines.received(1099, 1, 0);
  expect(deadlines.passed(1199, limits, true)).toBeUndefined();
  expect(deadlines.passed(1200, limits, true)).toBe("idle");
  expect(deadlines.passed(1200, limits, false)).toBeUndefined();
});

test("the time of a frame begins with its own first byte", () => {
  const deadlines = new Deadlines(1);
  deadlines.received(10, 0, 5);
  deadlines.received(60, 0, 6);
  expect(deadlines.passed(109, limits, false)).toBeUndefined();
  expect(deadlines.passed(110, limits, false)).toBe("frame-timeout");
  deadlines.received(105, 1, 3);
  expect(deadlines.passed(204, limits, false)).toBeUndefined();
  expect(deadlines.passed(205, limits, false)).toBe("frame-timeout");
});
