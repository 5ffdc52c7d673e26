import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A test whose name begins with what it is the test of. */
export interface NamedTest {
  readonly id: string;
  readonly name: string;
  /** Relative to the root, with `/`. */
  readonly file: string;
}

const NAME = /"((R-\d\d|T[1-7]|(?:CRYP|PKI|RBAC|OPS)-\d{3}) [^"\n]+)"/g;
/** Whatever is switched off proves nothing. */
const SKIPPED = /\.(?:skip|todo|skipIf|fails)\b[^\n]*$/;

/** Every test of the repository that is named after a requirement or a case, in the order of files and lines. */
export function namedTests(root: string): readonly NamedTest[] {
  return ["packages", "apps", "test"]
    .flatMap((folder) => testFiles(root, folder))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return [...text.matchAll(NAME)]
        .filter(({ index }) => !SKIPPED.test(text.slice(0, index)))
        .map(([, name = "", id = ""]) => ({ id, name, file }));
    });
}

function testFiles(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && name !== "dist")
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return testFiles(root, path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    })
    .sort();
}
