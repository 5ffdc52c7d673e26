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

  it("holds a request in its place: those behind it wait with it, the others go on", () => {
    const queue = new FairQueue(10);
    for (const slot of [...slotsOf(first, 1, 2), ...slotsOf(second, 3, 4)]) queue.add(slot);
    const held = queue.next()!;
    queue.hold(held);
    queue.add(slotsOf(first, 5)[0]!);
    expect([queue.next()?.index, queue.next()?.index, queue.next()]).toEqual([3, 4, undefined]);
    expect(queue.size).toBe(3);
    queue.add(slotsOf(second, 6)[0]!);
    queue.resume(held);
    queue.resume(held);
    expect(queue.next()).toBe(held);
    queue.hold(held);
    expect(queue.next()?.index).toBe(6);
    queue.resume(held);
    expect(queue.drain().map(({ index }) => index)).toEqual([1, 2, 5]);
    expect(queue.size).toBe(0);
  });

  it("forgets what is held, ahead, or behind something held", () => {
    const queue = new FairQueue(10);
    const [one, two, three] = slotsOf(first, 1, 2, 3);
    for (const slot of [one!, two!, three!]) queue.add(slot);
    queue.hold(queue.next()!);
    expect(queue.remove(two!)).toBe(true);
    expect(queue.remove(one!)).toBe(true);
    expect(queue.next()).toBe(three);
    queue.hold(three!);
    queue.resume(three!);
    expect(queue.remove(three!)).toBe(true);
    expect(queue.addAhead(two!)).toBe(true);
    expect(queue.drain()).toEqual([two]);
    expect(queue.size).toBe(0);
  });
});
