import { bitOf, located, pointValue } from "../device/rules.ts";
import type { SimulatedUnit } from "../device/unit.ts";
import { compileExpression } from "../expression/compile.ts";
import { ExpressionError } from "../expression/error.ts";
import { parseExpression } from "../expression/parse.ts";
import type { PlantDocument } from "./document.ts";

export interface Couplings {
  /** By unit, the points that couplings set in place of the unit's own rules. */
  readonly targets: ReadonlyMap<string, ReadonlySet<string>>;
  /** Every coupling once, in order. `t` and `dt` in seconds. */
  run(t: number, dt: number): void;
}

/** Throws DocumentError that names the coupling in the plant file. */
export function compileCouplings(
  document: PlantDocument,
  units: ReadonlyMap<string, SimulatedUnit>,
  random: () => number,
): Couplings {
  const clock = { t: 0, dt: 0 };
  const targets = new Map<string, Set<string>>();
  const rules: (() => void)[] = [];
  for (const [index, { set, to }] of document.couplings.entries()) {
    const source = document.source ?? unplaced;
    const [unitId = "", pointId = ""] = set.split(".");
    const unit = units.get(unitId);
    const point = unit?.profile.point(pointId);
    if (unit === undefined || point === undefined || point.type === "string") {
      return source.fail(["couplings", index, "set"], `${set} is not a number's point of the plant`);
    }
    if (targets.get(unitId)?.has(pointId)) {
      source.fail(["couplings", index, "set"], `${set} is set by a coupling already`);
    }
    const evaluate = located(source, ["couplings", index, "to"], () =>
      compileExpression(parseExpression(to), {
        clock,
        random,
        value(name, other) {
          const owner = other === undefined ? undefined : units.get(other);
          return owner === undefined ? undefined : pointValue(owner, name);
        },
        fault() {
          throw new ExpressionError(0, "fault() belongs to a device's own rules");
        },
        bit: (name) => bitOf(point, name),
      }),
    );
    targets.set(unitId, (targets.get(unitId) ?? new Set()).add(pointId));
    rules.push(() => unit.assignNumber(point, evaluate()));
  }
  return {
    targets,
    run(t, dt) {
      clock.t = t;
      clock.dt = dt;
      for (const rule of rules) rule();
    },
  };
}

/** A plant that was made without a file. */
const unplaced: { fail(path: readonly PropertyKey[], message: string): never } = {
  fail(path, message): never {
    throw new RangeError(`${path.map(String).join(".")}: ${message}`);
  },
};
