import type { PolicyDevice } from "../rules/device.ts";
import { appliesTo } from "../rules/scope.ts";
import type { StatedRule } from "./circumstances.ts";

/** Devices and units about which the same rules are. */
export interface TargetGroup {
  /** The device whose points and interlocks count; null: units without a device. */
  readonly device: string | null;
  readonly devices: readonly string[];
  /** Units without a device. */
  readonly units: readonly number[];
  readonly rules: readonly StatedRule[];
}

/** All devices, and all units without one. */
export function targetGroups(rules: readonly StatedRule[], devices: readonly PolicyDevice[]): readonly TargetGroup[] {
  const groups = new Map<
    string,
    { device: string | null; devices: string[]; units: number[]; rules: readonly StatedRule[] }
  >();
  const numbers = new Map(rules.map((rule, index) => [rule, index]));
  const put = (device: string | null, unit: number): void => {
    const about = rules.filter(({ compiled }) => appliesTo(compiled, { device, unit }));
    const own = about.some(({ compiled }) => dependsOnDevice(compiled)) ? device : null;
    const name = `${own ?? ""} ${about.map((rule) => numbers.get(rule)).join(" ")}`;
    const group = groups.get(name) ?? { device: own, devices: [], units: [], rules: about };
    if (device === null) group.units.push(unit);
    else group.devices.push(device);
    groups.set(name, group);
  };
  for (const { id, unit } of devices) put(id, unit);
  for (let unit = 0; unit <= 255; unit += 1) put(null, unit);
  return [...groups.values()].filter((group) => group.rules.length > 0);
}

function dependsOnDevice({ entries, interlocks }: StatedRule["compiled"]): boolean {
  return interlocks !== undefined || entries.some((entry) => entry.kind === "points");
}
