import type { LintContext } from "./finding.ts";

/** A file that does not test itself, or tests one thing twice. */
export function lintTests({ file, find }: LintContext): void {
  if (file.tests.length === 0 && file.rules.length > 0) {
    find("tests-none", ["rules"], "the file has no tests: a test for each thing that must stay refused keeps it so");
  }
  const seen = new Map<string, { readonly index: number; readonly expect: string }>();
  for (const [index, { expect, because: _because, ...asked }] of file.tests.entries()) {
    const name = JSON.stringify(Object.entries(asked).sort(([left], [right]) => (left < right ? -1 : 1)));
    const other = seen.get(name);
    if (other === undefined) seen.set(name, { index, expect });
    else if (other.expect === expect)
      find("test-repeated", ["tests", index], `test ${other.index + 1} asks the same: remove one`);
    else
      find(
        "test-contradicts",
        ["tests", index],
        `test ${other.index + 1} asks the same and expects ${other.expect}: correct one`,
      );
  }
}
