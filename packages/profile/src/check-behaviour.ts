import type { Report } from "./check-points.ts";
import { encodePoint } from "./encode.ts";
import type { Profile } from "./profile.ts";

/**
 * What the behaviour names must exist, and its first values must fit. The expressions themselves stay text here: who
 * runs them parses them.
 */
export function checkBehaviour(profile: Profile, report: Report): void {
  const behaviour = profile.behaviour;
  if (behaviour === undefined) return;
  for (const name of Object.keys(behaviour.state)) {
    if (profile.point(name) !== undefined) {
      report(["behaviour", "state", name], `${name} is a point: a state variable needs a name of its own`);
    }
  }
  for (const [name, value] of Object.entries(behaviour.set)) {
    const path = ["behaviour", "set", name];
    const point = profile.point(name);
    if (point === undefined) report(path, `there is no point ${name}`);
    else if (typeof point.scale === "number") {
      try {
        encodePoint(profile, point, value, () => undefined);
      } catch (error) {
        report(path, error instanceof Error ? error.message : String(error));
      }
    }
  }
  for (const [index, rule] of behaviour.rules.entries()) {
    const point = profile.point(rule.set);
    const path = ["behaviour", "rules", index, "set"];
    if (point === undefined && !Object.hasOwn(behaviour.state, rule.set)) {
      report(path, `${rule.set} is neither a point nor a state variable`);
    } else if (point?.type === "string") report(path, `${rule.set} is text, and rules compute numbers`);
  }
}
