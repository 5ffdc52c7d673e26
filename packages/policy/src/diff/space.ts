import type { Coverage, Slot } from "../rules/coverage.ts";
import type { Limits } from "../rules/limits.ts";
import type { PolicyLocation } from "../rules/location.ts";
import { type Box, EVERYTHING, intersect } from "./box.ts";
import { CircumstanceClasses, type StatedRule } from "./circumstances.ts";
import { DimensionList } from "./dimension.ts";
import { StateClasses } from "./state.ts";
import { ValueClasses } from "./values.ts";

/** Everything that the decisions of some rules depend on, and where each of their coverages counts in it. */
export class Space {
  readonly dimensions: DimensionList = new DimensionList();
  readonly #circumstances: CircumstanceClasses;
  readonly #state: StateClasses;
  readonly #values: ValueClasses;
  readonly #limits = new Map<Limits, number>();
  readonly #coverageBoxes = new Map<string, readonly Box[]>();
  readonly #ruleBoxes = new Map<string, readonly Box[]>();

  constructor(rules: readonly StatedRule[], roles: readonly string[]) {
    const compiled = rules.map((rule) => rule.compiled);
    this.#circumstances = new CircumstanceClasses(rules, this.dimensions);
    this.#state = new StateClasses(compiled, roles, this.dimensions);
    this.#values = new ValueClasses(compiled, this.dimensions);
  }

  hereBox(location: PolicyLocation | undefined): Box {
    return this.#circumstances.hereBox(location);
  }

  /** Where a coverage counts. `side`: tells the rules of two policies apart. The same boxes are the same objects. */
  boxesOf(rule: StatedRule, side: string, slot: Slot, coverage: Coverage, device: string | null): readonly Box[] {
    const { transports, limits } = coverage;
    const values = limits === undefined ? "" : `${this.#number(limits)} ${kindOf(slot)}`;
    const name = `${side} ${rule.compiled.index} ${transports} ${values} ${device ?? ""}`;
    const known = this.#coverageBoxes.get(name);
    if (known !== undefined) return known;
    const boxes = this.#compute(rule, side, slot, coverage, device);
    this.#coverageBoxes.set(name, boxes);
    return boxes;
  }

  #compute(rule: StatedRule, side: string, slot: Slot, coverage: Coverage, device: string | null): readonly Box[] {
    const transports: Box = new Map([["transport", BigInt(coverage.transports)]]);
    const values = coverage.rule.forbid ? EVERYTHING : this.#values.boxOf(coverage, slot.code, slot.table, device);
    const both = values === undefined ? undefined : intersect(transports, values);
    if (both === undefined) return [];
    return this.#boxesOfRule(rule, side, device).flatMap((box) => intersect(box, both) ?? []);
  }

  #number(limits: Limits): number {
    const known = this.#limits.get(limits);
    if (known !== undefined) return known;
    this.#limits.set(limits, this.#limits.size);
    return this.#limits.size - 1;
  }

  #boxesOfRule(rule: StatedRule, side: string, device: string | null): readonly Box[] {
    const name = `${side} ${rule.compiled.index} ${device ?? ""}`;
    const known = this.#ruleBoxes.get(name);
    if (known !== undefined) return known;
    const { compiled } = rule;
    const base = this.#circumstances.boxOf(rule);
    const permit = compiled.forbid ? undefined : this.#state.permitBox(compiled, device);
    const states = compiled.forbid ? this.#state.forbidBoxes(compiled, device) : permit === undefined ? [] : [permit];
    const boxes = states.flatMap((state) => intersect(base, state) ?? []);
    this.#ruleBoxes.set(name, boxes);
    return boxes;
  }
}

/** What limits come to depends on whether the function says a value, bits, or the state of a coil. */
function kindOf({ code, table }: Slot): string {
  if (code === MASK_WRITE) return "bits";
  return table === "coil" ? "coil" : "value";
}

const MASK_WRITE = 22;
