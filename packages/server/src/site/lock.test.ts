import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockData } from "./lock.ts";

const folder = mkdtempSync(join(tmpdir(), "modwarden-lock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lockModule = new URL("./lock.ts", import.meta.url).href;
const source = `
import { lockData } from ${JSON.stringify(lockModule)};
try { lockData(process.argv[1]); process.stdout.write("locked\\n"); setTimeout(() => {}, 60_000); }
catch (error) { process.stdout.write(error.code + "\\n"); process.exit(0); }
`;
const nodeArguments = ["--conditions=@modwarden/source", "--input-type=module", "-e", source];

describe("lockData", () => {
  it("holds the folder for one process, and makes it private", () => {
    const dir = join(folder, "one");
    const lock = lockData(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(() => lockData(dir)).toThrow(expect.objectContaining({ code: "ERR_SITE_LOCKED" }));
    expect(execFileSync(process.execPath, [...nodeArguments, dir], { encoding: "utf8" })).toBe("ERR_SITE_LOCKED\n");
    lock.release();
    lockData(dir).release();
  });

  it("ends with its process, however that dies", async () => {
    const dir = join(folder, "two");
    const child = spawn(process.execPath, [...nodeArguments, dir], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(() => lockData(dir)).toThrow(expect.objectContaining({ code: "ERR_SITE_LOCKED" }));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    lockData(dir).release();
  });
});
