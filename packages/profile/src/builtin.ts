import { readFileSync } from "node:fs";
import type { Profile } from "./profile.ts";
import { readProfile } from "./read.ts";

/** The device files that come with this room. */
export const builtinProfileNames: readonly string[] = Object.freeze([
  "danfoss-fc51",
  "eastron-sdm630",
  "memory",
  "sungrow-shx-hybrid-inverter",
  "sunspec-three-phase-inverter",
]);

const read = new Map<string, Profile>();

export function isBuiltinProfile(name: string): boolean {
  return builtinProfileNames.includes(name);
}

/** The text of a built-in device file. Throws RangeError for a name that is none. */
export function builtinProfileText(name: string): string {
  // Only listed names become a path, so that a name cannot leave the folder.
  if (!isBuiltinProfile(name)) {
    throw new RangeError(`there is no built-in profile "${name}": there are ${builtinProfileNames.join(", ")}`);
  }
  return readFileSync(new URL(`../devices/${name}.yaml`, import.meta.url), "utf8");
}

/** A built-in profile; it is read once. Throws RangeError for a name that is none. */
export function builtinProfile(name: string): Profile {
  const known = read.get(name);
  if (known !== undefined) return known;
  const profile = readProfile(builtinProfileText(name), `${name}.yaml`);
  read.set(name, profile);
  return profile;
}
