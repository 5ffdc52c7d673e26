import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSite } from "@modwarden/server";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { prepareFolder } from "./folder.ts";
import { documentedPorts } from "./ports.ts";

it("keeps a policy that somebody has changed, and writes the ports anew", () => {
  const dir = join(temporaryFolder(), "demo");
  const { siteFile, policyFile } = prepareFolder(dir, documentedPorts, "rollup");
  const changed = readFileSync(policyFile, "utf8").replace("max: 80", "max: 95").replace("value: 90", "value: 96");
  writeFileSync(policyFile, changed);
  prepareFolder(dir, { ...documentedPorts, plain: 1503 }, "each");
  expect(readFileSync(policyFile, "utf8")).toBe(changed);
  expect(readFileSync(siteFile, "utf8")).toContain("127.0.0.1:1503");
  expect(loadSite(siteFile).devices).toHaveLength(4);
});

it("leaves the site of somebody else alone", () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, "site.yaml"), "modwarden: 1\n");
  expect(() => prepareFolder(dir, documentedPorts, "rollup")).toThrow(
    expect.objectContaining({ code: "ERR_DEMO_FOLDER" }),
  );
  expect(readFileSync(join(dir, "site.yaml"), "utf8")).toBe("modwarden: 1\n");
});
