import { describe, expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";
import type { Session } from "./session.ts";
import { Slot } from "./slot.ts";

/** The queue looks at a session's identity only. */
function slotsOf(session: Session, ...indices: number[]): Slot[] {
  return indices.map((index) => {
    const slot = new Slot(index);
    slot.session = session;
    return slot;
  });
}

const first = {} as Session;
const second = {} as Session;

describe("FairQueue", () => {
  it("lets clients take turns, each in its own order", () => {
    const queue = new FairQueue(10);
    for (const slot of [...slotsOf(first, 1, 2, 3), ...slotsOf(second, 4, 5)]) expect(queue.add(slot)).toBe(true);
    const order: number[] = [];
    for (let slot = queue.next(); slot !== undefined; slot = queue.next()) order.push(slot.index);
    expect(order).toEqual([1, 4, 2, 5, 3]);
    expect(queue.size).toBe(0);
  });

  it("is bounded", () => {
    const queue = new FairQueue(2);
    const [one, two, three] = slotsOf(first, 1, 2, 3);
    expect([one!, two!, three!].map((slot) => queue.add(slot))).toEqual([true, true, false]);
  });

  it("forgets what is removed, and only once", () => {
    const queue = new FairQueue(10);
    const [one, two] = slotsOf(first, 1, 2);
    queue.add(one!);
    queue.add(two!);
    expect(queue.remove(one!)).toBe(true);
    expect(queue.remove(one!)).toBe(false);
    expect(queue.next()).toBe(two);
    expect(queue.next()).toBeUndefined();
  });
});
