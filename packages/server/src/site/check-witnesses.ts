import { relative, resolve } from "node:path";
import type { SourceDocument } from "@modwarden/document";
import type { SiteFile } from "./schema.ts";

/** Throws `DocumentError` for a witness that lies in the folder that it is to bear witness of. */
export function checkWitnesses(document: SourceDocument<SiteFile>, base: string): void {
  const { audit, data } = document.value;
  for (const [index, { file }] of audit.witness.entries()) {
    if (file === undefined) continue;
    const way = relative(resolve(base, data), resolve(base, file));
    if (way === ".." || way.startsWith("../")) continue;
    document.fail(
      ["audit", "witness", index, "file"],
      `${file} lies in the data folder: a witness is on another disk, or at least where another user writes`,
    );
  }
}
