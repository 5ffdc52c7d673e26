import { readFileSync } from "node:fs";
import { builtinProfile } from "@modwarden/profile";
import type { PlantDocument } from "./document.ts";
import { readPlant } from "./read.ts";

/** The plants that come with this room. */
export const builtinPlantNames: readonly string[] = Object.freeze(["energy-hall"]);

/** The text of a built-in plant file. Throws RangeError for a name that is none. */
export function builtinPlantText(name: string): string {
  // Only listed names become a path, so that a name cannot leave the folder.
  if (!builtinPlantNames.includes(name)) {
    throw new RangeError(`there is no built-in plant "${name}": there are ${builtinPlantNames.join(", ")}`);
  }
  return readFileSync(new URL(`../../plants/${name}.yaml`, import.meta.url), "utf8");
}

/** A built-in plant. Throws RangeError for a name that is none. */
export function builtinPlant(name: string): PlantDocument {
  return readPlant(builtinPlantText(name), `${name}.yaml`, builtinProfile);
}
