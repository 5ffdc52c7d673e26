import { DocumentError, type Problem, readDocument } from "@modwarden/document";
import { encodePoint, type Profile } from "@modwarden/profile";
import { reservedWords } from "../expression/tree.ts";
import type { PlantDocument, PlantUnit } from "./document.ts";
import { Plant } from "./plant.ts";
import { plantSchema } from "./schema.ts";

/**
 * Reads a plant file. `profileOf` gives the profile for what a unit names; what it throws becomes an error of this
 * file, unless it is an error of the device file itself. Throws DocumentError (ERR_DOCUMENT) that names
 * file:line:column, also for a rule or coupling that cannot be run: nothing is left to find out when it starts.
 */
export function readPlant(text: string, file: string, profileOf: (reference: string) => Profile): PlantDocument {
  const source = readDocument(text, file, plantSchema);
  const { name, units: entries, couplings, faults } = source.value;
  const problems: Problem[] = [];
  const units: PlantUnit[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = ["units", index];
    if (units.some((unit) => unit.unit === entry.unit)) {
      problems.push(source.problem([...path, "unit"], `unit ${entry.unit} is taken`));
    }
    if (units.some((unit) => unit.id === entry.id) || reservedWords.has(entry.id)) {
      problems.push(source.problem([...path, "id"], `the name ${entry.id} is taken`));
    }
    try {
      units.push({ ...entry, profile: profileOf(entry.profile) });
    } catch (error) {
      if (error instanceof DocumentError) throw error;
      problems.push(source.problem([...path, "profile"], error instanceof Error ? error.message : String(error)));
    }
  }
  for (const [index, unit] of units.entries()) {
    for (const [id, value] of Object.entries(unit.set)) {
      const path = ["units", index, "set", id];
      const point = unit.profile.point(id);
      if (point === undefined) problems.push(source.problem(path, `${unit.profile.name} has no point ${id}`));
      else if (typeof point.scale === "number") {
        try {
          encodePoint(unit.profile, point, value, () => undefined);
        } catch (error) {
          problems.push(source.problem(path, error instanceof Error ? error.message : String(error)));
        }
      }
    }
  }
  for (const [index, fault] of faults.entries()) {
    const { unit } = fault.target;
    if (unit !== undefined && !entries.some((entry) => entry.unit === unit)) {
      problems.push(source.problem(["faults", index, "target", "unit"], `the plant has no unit ${unit}`));
    }
  }
  if (problems.length > 0) throw new DocumentError(file, problems);
  const document: PlantDocument = {
    name,
    units,
    couplings,
    faults,
    source: { file, problem: source.problem, fail: source.fail },
  };
  // Building it is what finds the rest: names in rules and couplings.
  new Plant(document);
  return document;
}
