/** Whoever is told a reason finds its page. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { REASONS } from "../../packages/identity/src/refusals/reasons.ts";

const folder = fileURLToPath(new URL("../../docs/refusals/", import.meta.url));
const page = (name: string): string => readFileSync(`${folder}${name}.md`, "utf8");
const pages = readdirSync(folder).map((file) => file.replace(/\.md$/, ""));

describe("docs/refusals", () => {
  it.each(Object.keys(REASONS))("%s: has what the device sees, the record, why, and what to do", (reason) => {
    const text = page(reason);
    expect(text).toMatch(new RegExp(`^# ${reason}: `));
    for (const part of ["**At the device.**", "**In the log.**", "**Why.**", "**What to do.**"]) {
      expect(text).toContain(part);
    }
    expect(text).toContain(`"reason":"${reason}"`);
    expect(page("index")).toContain(`[${reason}](${reason}.md)`);
  });

  it("has a page for the pin, which only the client refuses, and none of a reason that is no more", () => {
    expect(pages.toSorted()).toEqual([...Object.keys(REASONS), "index", "pin"].toSorted());
    expect(page("index")).toContain("[pin](pin.md)");
  });
});
