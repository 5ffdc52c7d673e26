import type { Path } from "@modwarden/document";
import { compileExpression, type Evaluation } from "../expression/compile.ts";
import { ExpressionError } from "../expression/error.ts";
import { parseExpression } from "../expression/parse.ts";
import { reservedWords } from "../expression/tree.ts";
import type { DeviceFaults } from "./device-faults.ts";
import type { SimulatedUnit } from "./unit.ts";

/** A device's rules, ready to be run. */
export interface Behaviour {
  readonly stepMs: number;
  /** Every rule once, in order; a later rule sees what an earlier one set. `t` and `dt` in seconds. */
  run(t: number, dt: number): void;
}

/**
 * Compiles what a device's profile says about its behaviour. Points in `replaced` are set from outside, so the
 * device's own rules for them are left out. Throws DocumentError that names the rule in the device file.
 */
export function compileBehaviour(
  unit: SimulatedUnit,
  faults: DeviceFaults,
  random: () => number,
  replaced: ReadonlySet<string>,
): Behaviour | undefined {
  const { profile } = unit;
  const { behaviour, source } = profile;
  if (behaviour === undefined) return undefined;
  const state = new Map(Object.entries(behaviour.state));
  for (const name of state.keys()) {
    if (reservedWords.has(name)) source.fail(["behaviour", "state", name], `"${name}" is a word of the language`);
  }
  const clock = { t: 0, dt: 0 };
  const rules: (() => void)[] = [];
  for (const [index, { set, to }] of behaviour.rules.entries()) {
    const target = profile.point(set);
    const evaluate = located(source, ["behaviour", "rules", index, "to"], () =>
      compileExpression(parseExpression(to), {
        clock,
        random,
        value: (name, other) => (other === undefined ? ownValue(unit, state, name) : undefined),
        fault: (name) => faults.use(unit.id, name),
        bit: (name) => bitOf(target, name),
      }),
    );
    if (target === undefined) rules.push(() => keep(state, set, evaluate()));
    else if (!replaced.has(set)) rules.push(() => unit.assignNumber(target, evaluate()));
  }
  return {
    stepMs: behaviour.stepMs,
    run(t, dt) {
      clock.t = t;
      clock.dt = dt;
      for (const rule of rules) rule();
    },
  };
}

/** A state variable never becomes "not a number" or infinite: it could not recover. */
function keep(state: Map<string, number>, name: string, value: number): void {
  if (Number.isFinite(value)) state.set(name, value);
}

function ownValue(unit: SimulatedUnit, state: ReadonlyMap<string, number>, name: string): Evaluation | undefined {
  if (state.has(name)) return () => state.get(name) ?? 0;
  return pointValue(unit, name);
}

/** How to read a point as a number; `undefined` when there is none, or it is text. */
export function pointValue(unit: SimulatedUnit, name: string): Evaluation | undefined {
  const point = unit.profile.point(name);
  return point === undefined || point.type === "string" ? undefined : () => unit.number(point);
}

export function bitOf(
  point: { readonly bits: ReadonlyMap<number, string> } | undefined,
  name: string,
): number | undefined {
  for (const [bit, known] of point?.bits ?? []) if (known === name) return bit;
  return undefined;
}

/** Runs `compile`; what is wrong with the expression becomes an error of the file, at the expression's place. */
export function located(
  source: { fail(path: Path, message: string): never },
  path: Path,
  compile: () => Evaluation,
): Evaluation {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ExpressionError) return source.fail(path, error.message);
    throw error;
  }
}
