import type { Profile, Source } from "@modwarden/profile";
import type { FaultEntry, UnitEntry } from "./schema.ts";

export interface PlantUnit extends Omit<UnitEntry, "profile"> {
  readonly profile: Profile;
}

/** `set` names a point as `unit.point`; `to` is text of the expression language. */
export interface Coupling {
  readonly set: string;
  readonly to: string;
}

/** Simulated devices together, as they are described: what a plant file says, its device files read. */
export interface PlantDocument {
  readonly name: string;
  readonly units: readonly PlantUnit[];
  /** The profile of every unit (1-247 and 255) that is not listed; without it such a unit does not exist. */
  readonly elsewhere?: Profile;
  readonly couplings: readonly Coupling[];
  readonly faults: readonly FaultEntry[];
  /** Where the parts stand, if they come from a file. */
  readonly source?: Source;
}

/**
 * Devices of these profiles at the units 1, 2, and so on, without anything between them. `memory` is at every unit
 * that no other profile takes. Throws RangeError for more devices than units.
 */
export function plantOfProfiles(profiles: readonly Profile[]): PlantDocument {
  const memory = profiles.find((profile) => profile.name === "memory");
  const units = profiles
    .filter((profile) => profile !== memory)
    .map((profile, index) => ({ unit: index + 1, id: `unit_${index + 1}`, profile, set: {} }));
  if (units.length > 247) throw new RangeError(`there are 247 units, and ${units.length} devices`);
  return {
    name: profiles.map((profile) => profile.name).join(", "),
    units,
    ...(memory === undefined ? {} : { elsewhere: memory }),
    couplings: [],
    faults: [],
  };
}
