import { LineFile } from "./line-file.ts";
import { TOMBSTONES } from "./names.ts";
import { parseTombstone, type Tombstone } from "./tombstone.ts";

/** The tombstone that says why nothing is here before record `size`. Not verified. */
export function findTombstone(dir: string, size: number): Tombstone | undefined {
  const lines = LineFile.open(dir, TOMBSTONES);
  if (lines === undefined) return undefined;
  try {
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const tombstone = parseTombstone(line);
      if (tombstone?.size === size) return tombstone;
    }
    return undefined;
  } finally {
    lines.close();
  }
}
