import { type Interlock, type InterlockPoint, interlockPoint } from "../rules/interlock.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { type Box, EVERYTHING, intersect, MAX_BOXES, TooManyBoxes } from "./box.ts";
import { type DimensionList, NameClasses } from "./dimension.ts";
import { type LineShape, NumberLine } from "./line.ts";
import { spanWords } from "./span-words.ts";

interface Cuts {
  readonly values: Set<number | bigint>;
  readonly noun: string;
  readonly shape: LineShape;
}

const KNOWN: LineShape = { whole: false, withNone: false };
const HELD: LineShape = { whole: false, withNone: true };
const HELD_BIT: LineShape = { whole: true, withNone: true, range: [0, 1] };

/**
 * What depends on the plant and on people: interlocks, rates and approvals. A bucket and an approval belong to a rule,
 * so those of two rules with different ids are different things.
 */
export class StateClasses {
  readonly #lines = new Map<string, NumberLine>();
  readonly #approvers: NameClasses;

  constructor(rules: readonly CompiledRule[], roles: readonly string[], dimensions: DimensionList) {
    this.#approvers = new NameClasses("approver with the role", roles);
    const cuts = new Map<string, Cuts>();
    const cut = (name: string, noun: string, values: Iterable<number | bigint>, shape: LineShape = KNOWN): void => {
      const before = cuts.get(name) ?? { values: new Set(), noun, shape };
      for (const value of values) before.values.add(value);
      cuts.set(name, before);
    };
    for (const { id, rate, approval, interlocks } of rules) {
      if (rate !== undefined) {
        cut(burstOf(id), `requests at once under "${id}"`, [rate.burst]);
        cut(fillOf(id), `requests per second under "${id}"`, [rate.perMs * 1_000]);
      }
      if (approval !== undefined) {
        cut(peopleOf(id), `people who approved under "${id}"`, [approval.people]);
        cut(ttlOf(id), `seconds since it was asked for under "${id}"`, [approval.ttlMs / 1_000]);
        dimensions.add(byOf(id), this.#approvers);
      }
      for (const { named, points, stated } of interlocks ?? []) {
        for (const point of [...(named === undefined ? [] : [named]), ...points.values()]) {
          const name = pointName(point);
          cut(ageOf(point), `ms since ${name} was read`, [stated.maxAgeMs]);
          const { equals, not, min, max, values = [] } = stated;
          const listed = [equals, not, min, max, ...values].flatMap((value) =>
            value === undefined ? [] : [Number(value)],
          );
          cut(heldOf(point), name, listed, point.bit === undefined ? HELD : HELD_BIT);
        }
      }
    }
    for (const [name, { values, noun, shape }] of cuts) {
      const line = new NumberLine(values, shape);
      this.#lines.set(name, line);
      dimensions.add(name, { full: line.full, words: (set) => spanWords(line, set, noun) });
    }
  }

  /** When a permit counts; undefined: never, for it asks for a point that this device does not have. */
  permitBox({ id, rate, approval, interlocks }: CompiledRule, device: string | null): Box | undefined {
    const box = new Map<string, bigint>();
    if (rate !== undefined) {
      box.set(burstOf(id), this.#line(burstOf(id)).atMost(rate.burst));
      box.set(fillOf(id), this.#line(fillOf(id)).atMost(rate.perMs * 1_000));
    }
    if (approval !== undefined) {
      box.set(peopleOf(id), this.#line(peopleOf(id)).atLeast(approval.people));
      box.set(ttlOf(id), this.#line(ttlOf(id)).atMost(approval.ttlMs / 1_000));
      if (approval.by !== "*") box.set(byOf(id), this.#approvers.setOf(approval.by));
    }
    let all: Box | undefined = box;
    for (const interlock of interlocks ?? []) {
      const point = interlockPoint(interlock, device);
      if (point === undefined || all === undefined) return undefined;
      const fresh = this.#line(ageOf(point)).atMost(interlock.stated.maxAgeMs);
      const held = new Map([
        [ageOf(point), fresh],
        [heldOf(point), this.#held(interlock, point)],
      ]);
      all = held.get(heldOf(point)) === 0n ? undefined : intersect(all, held);
    }
    return all;
  }

  /** Throws TooManyBoxes. When a forbid counts: unless an interlock is known not to hold. */
  forbidBoxes({ interlocks }: CompiledRule, device: string | null): readonly Box[] {
    let boxes: readonly Box[] = [EVERYTHING];
    for (const interlock of interlocks ?? []) {
      const point = interlockPoint(interlock, device);
      if (point === undefined) continue;
      const [age, value] = [this.#line(ageOf(point)), this.#line(heldOf(point))];
      const stale = age.full & ~age.atMost(interlock.stated.maxAgeMs);
      const either = [
        new Map([[ageOf(point), stale]]),
        new Map([[heldOf(point), this.#held(interlock, point) | value.none]]),
      ];
      if (boxes.length * either.length > MAX_BOXES) throw new TooManyBoxes();
      boxes = boxes.flatMap((box) => either.flatMap((other) => intersect(box, other) ?? []));
    }
    return boxes;
  }

  #held({ stated }: Interlock, point: InterlockPoint): bigint {
    const line = this.#line(heldOf(point));
    const { equals, not, min, max, values } = stated;
    let set = line.full & ~line.none;
    if (equals !== undefined) set &= line.exactly([Number(equals)]);
    if (not !== undefined) set &= ~line.exactly([Number(not)]);
    if (min !== undefined) set &= line.atLeast(min);
    if (max !== undefined) set &= line.atMost(max);
    return values === undefined ? set : set & line.exactly(values);
  }

  #line(name: string): NumberLine {
    const line = this.#lines.get(name);
    if (line === undefined) throw new RangeError(`there is no line "${name}"`);
    return line;
  }
}

const burstOf = (rule: string): string => `burst of ${rule}`;
const fillOf = (rule: string): string => `rate of ${rule}`;
const peopleOf = (rule: string): string => `approvals of ${rule}`;
const ttlOf = (rule: string): string => `age of approvals of ${rule}`;
const byOf = (rule: string): string => `approvers of ${rule}`;
const ageOf = ({ device, point }: InterlockPoint): string => `age of ${device}.${point.id}`;
const heldOf = (point: InterlockPoint): string => `value of ${pointName(point)}`;

function pointName({ device, point, bit }: InterlockPoint): string {
  const name = bit === undefined ? undefined : (point.bits.get(bit) ?? String(bit));
  return name === undefined ? `${device}.${point.id}` : `${device}.${point.id}.${name}`;
}
