import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { pointNumber } from "../decide/point-number.ts";
import type { Coverage } from "../rules/coverage.ts";
import type { Limits } from "../rules/limits.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Box } from "./box.ts";
import type { DimensionList } from "./dimension.ts";
import { type LineShape, NumberLine } from "./line.ts";
import { ANY_COIL, ANY_REGISTER, permittedRegisters, touchableBits } from "./registers.ts";
import { spanWords } from "./span-words.ts";

/** The value that one register or coil gets. */
export const REGISTER = "value";
const COIL = "coil value";
/** The bits that function 22 touches. */
const BITS = "bits";

const MASK_WRITE = 22;

interface Cuts {
  readonly values: Set<number | bigint>;
  readonly shape: LineShape;
  readonly noun: string;
  readonly point?: Point;
}

/** What limits let be written: registers and bits value by value, points of several registers by intervals. */
export class ValueClasses {
  readonly #lines = new Map<string, NumberLine>();

  constructor(rules: readonly CompiledRule[], dimensions: DimensionList) {
    dimensions.add(REGISTER, { full: ANY_REGISTER, words: () => "some values" });
    dimensions.add(COIL, { full: ANY_COIL, words: (set) => (set === 1n ? "value 0" : "value 1") });
    dimensions.add(BITS, { full: ANY_REGISTER, words: () => "some bits" });
    const cuts = new Map<string, Cuts>();
    const cut = (
      name: string,
      noun: string,
      shape: LineShape,
      values: Iterable<number | bigint>,
      point?: Point,
    ): void => {
      const before = cuts.get(name) ?? { values: new Set(), shape, noun, ...(point && { point }) };
      for (const value of values) before.values.add(value);
      cuts.set(name, before);
    };
    for (const { device, limits } of rules.flatMap(limitsOf)) {
      const { point, min, max, values = [], step } = limits;
      if (point !== undefined && isLong(point)) {
        const bounds = [min, max].flatMap((bound) => bound?.raw ?? []);
        cut(lineOf(device, point), "value", shapeOf(point), [...bounds, ...values], point);
      }
      if (step === undefined) continue;
      const name = stepNames(device, limits);
      const noun = point === undefined ? "the register" : point.id;
      const distance = { whole: step.precision === undefined, withNone: true };
      cut(name.distance, `raw distance of ${noun} from its last value`, distance, [step.allowed]);
      cut(name.age, `ms since ${noun} was known`, { whole: false, withNone: true }, [step.maxAgeMs]);
      if (step.withinMs !== undefined) {
        cut(`${name.slew} ${step.withinMs}`, `raw distance of ${noun} within ${step.withinMs / 1_000} s`, distance, [
          step.allowed,
        ]);
      }
    }
    for (const [name, { values, shape, noun, point }] of cuts) {
      const line = new NumberLine(values, shape);
      this.#lines.set(name, line);
      dimensions.add(name, {
        full: line.full,
        words: (set) => spanWords(line, set, noun, point && ((raw) => pointNumber(point, raw, undefined))),
      });
    }
  }

  /** Undefined: the coverage permits nothing that the function could write. */
  boxOf({ limits }: Coverage, code: number, table: Table | null, device: string | null): Box | undefined {
    const box = new Map<string, bigint>();
    if (limits === undefined || table === null) return box;
    const { point, min, max, values, mask, step } = limits;
    const limited = min !== undefined || max !== undefined || values !== undefined || mask !== undefined;
    if (code === MASK_WRITE) {
      if (limited && mask === undefined) return undefined;
      if (mask !== undefined) box.set(BITS, touchableBits(mask));
    } else if (limited && point !== undefined && isLong(point)) {
      const set = this.#longSet(limits, point, device);
      if (set === 0n) return undefined;
      box.set(lineOf(device, point), set);
    } else if (limited) {
      const set = permittedRegisters(limits) & (table === "coil" ? ANY_COIL : ANY_REGISTER);
      if (set === 0n) return undefined;
      box.set(table === "coil" ? COIL : REGISTER, set);
    }
    if (step === undefined) return box;
    const name = stepNames(device, limits);
    box.set(name.distance, this.#line(name.distance).atMost(step.allowed));
    box.set(name.age, this.#line(name.age).atMost(step.maxAgeMs));
    if (step.withinMs !== undefined) {
      const slew = this.#line(`${name.slew} ${step.withinMs}`);
      // Where nothing was seen move, nothing moved too far.
      box.set(`${name.slew} ${step.withinMs}`, slew.atMost(step.allowed) | slew.none);
    }
    return box;
  }

  #longSet({ min, max, values }: Limits, point: Point, device: string | null): bigint {
    const line = this.#line(lineOf(device, point));
    let set = line.full & ~line.none;
    for (const bound of [min, max]) {
      if (bound !== undefined) set &= bound.most ? line.atMost(bound.raw) : line.atLeast(bound.raw);
    }
    return values === undefined ? set : set & line.exactly(values);
  }

  #line(name: string): NumberLine {
    const line = this.#lines.get(name);
    if (line === undefined) throw new RangeError(`there is no line "${name}"`);
    return line;
  }
}

function isLong(point: Point): boolean {
  return point.count > 1;
}

function lineOf(device: string | null, point: Point): string {
  return `long value of ${device ?? ""}.${point.id}`;
}

/** A register by itself is the one in hand, whichever it is. */
function stepNames(device: string | null, { point }: Limits): { distance: string; age: string; slew: string } {
  const what = point === undefined ? "the register" : `${device ?? ""}.${point.id}`;
  return { distance: `step of ${what}`, age: `last value of ${what}`, slew: `slew of ${what}` };
}

interface LimitsOfDevice {
  readonly device: string | null;
  readonly limits: Limits;
}

function limitsOf({ entries }: CompiledRule): readonly LimitsOfDevice[] {
  return entries.flatMap((entry): readonly LimitsOfDevice[] => {
    if (entry.kind === "functions") return entry.limits === undefined ? [] : [{ device: null, limits: entry.limits }];
    return [...entry.points].flatMap(([device, points]) =>
      points.flatMap(({ limits }) => (limits === undefined ? [] : [{ device, limits }])),
    );
  });
}

const ranges: Readonly<Partial<Record<Point["type"], readonly [number | bigint, number | bigint]>>> = {
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  u64: [0n, 0xffff_ffff_ffff_ffffn],
  s64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
};

function shapeOf({ type }: Point): LineShape {
  const range = ranges[type];
  const floating = type === "f32" || type === "f64";
  return { whole: !floating, withNone: range === undefined, ...(range === undefined ? {} : { range }) };
}
