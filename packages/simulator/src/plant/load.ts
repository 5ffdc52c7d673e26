import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { builtinProfile, builtinProfileNames, isBuiltinProfile, type Profile, readProfile } from "@modwarden/profile";
import { builtinPlant, builtinPlantNames } from "./builtin.ts";
import { type PlantDocument, plantOfProfiles } from "./document.ts";
import { readPlant } from "./read.ts";

/**
 * A plant from what a user names: one plant, or any number of profiles, each a built-in name or the path of a file.
 * Throws DocumentError for a file that cannot be used, RangeError for what is no name and no file.
 */
export async function loadPlant(references: readonly string[]): Promise<PlantDocument> {
  const [first, ...others] = references;
  if (first === undefined) throw new RangeError("name a plant or a profile");
  const profiles: Profile[] = [];
  for (const reference of references) {
    if (builtinPlantNames.includes(reference)) {
      alone(reference, others);
      return builtinPlant(reference);
    }
    if (isBuiltinProfile(reference)) {
      profiles.push(builtinProfile(reference));
      continue;
    }
    const text = await textOf(reference);
    if (isPlant(text)) {
      alone(reference, others);
      return loadPlantText(text, reference);
    }
    profiles.push(readProfile(text, reference));
  }
  return plantOfProfiles(profiles);
}

/** Reads the device files that the plant names, relative to the plant file, and then the plant. */
async function loadPlantText(text: string, file: string): Promise<PlantDocument> {
  const files = new Map<string, Profile>();
  // Which files there are is only known by reading, and reading a file is not for the pure reader: ask it first.
  const wanted = new Set<string>();
  try {
    readPlant(text, file, (reference) => {
      if (isBuiltinProfile(reference)) return builtinProfile(reference);
      wanted.add(reference);
      throw new RangeError("not read yet");
    });
  } catch (error) {
    if (wanted.size === 0) throw error;
  }
  const missing = new Map<string, unknown>();
  for (const reference of wanted) {
    const path = resolve(dirname(file), reference);
    try {
      files.set(reference, readProfile(await textOf(path), path));
    } catch (error) {
      missing.set(reference, error);
    }
  }
  return readPlant(text, file, (reference) => {
    if (isBuiltinProfile(reference)) return builtinProfile(reference);
    const profile = files.get(reference);
    if (profile === undefined) throw missing.get(reference);
    return profile;
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const known = [...builtinPlantNames, ...builtinProfileNames].join(", ");
    throw new RangeError(`${path} is no file that can be read, and none of the built-in ${known}`, { cause: error });
  }
}

/** The key of its version says which kind of file it is. */
function isPlant(text: string): boolean {
  return /^\s*(\{\s*)?"?plant"?\s*:\s*\d/m.test(text);
}

function alone(reference: string, others: readonly string[]): void {
  if (others.length > 0) throw new RangeError(`${reference} is a plant: it stands alone`);
}
