import { describe, expect, it } from "vitest";
import { runHere } from "./testing/terminal.ts";

describe("the command line", () => {
  it("shows its version", async () => {
    const { code, json } = await runHere(["version", "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([{ version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node }]);
    expect((await runHere(["--version"])).code).toBe(0);
  });

  it("ends with 2 for an unknown command, and guesses what was meant", async () => {
    const { code, stdout, stderr } = await runHere(["decde"]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("decode");
  });

  it.each([
    ["nothing at all", []],
    ["a group without a subcommand", ["audit"]],
    ["an unknown option", ["decode", "--colour", "00"]],
    ["a missing argument", ["read"]],
    ["one argument too many", ["version", "now"]],
    ["a number that is none", ["read", "modbus+tcp://127.0.0.1", "holding", "0", "--unit", "many"]],
    ["options that exclude each other", ["decode", "--rtu", "--ascii", "00"]],
  ])("ends with 2 for %s, told once and also as JSON", async (_, args) => {
    const plain = await runHere(args);
    expect(plain).toMatchObject({ code: 2, stdout: "" });
    expect(plain.stderr).not.toBe("");
    if (args.length === 0) return;
    const { code, json, stderr } = await runHere([...args, "--json"]);
    expect(code).toBe(2);
    expect(json).toEqual([{ error: { code: "ERR_USAGE", message: expect.any(String) } }]);
    const [document] = json as [{ error: { message: string } }];
    expect(stderr.split(document.error.message)).toHaveLength(2);
  });

  it("opens the help of the whole and of each command with examples that name commands there are", async () => {
    const { code, stdout } = await runHere(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Examples:\n/);
    const names = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]);
    expect(names).toEqual(
      expect.arrayContaining(["read", "write", "raw", "decode", "sim", "check", "policy", "audit"]),
    );
    for (const [, name] of stdout.matchAll(/^ {2}modwarden ([a-z]+)/gm)) expect(names).toContain(name);
    for (const command of [["read"], ["decode"], ["policy"], ["policy", "test"], ["audit"], ["key"], ["identity"]]) {
      const help = await runHere([...command, "--help"]);
      expect(help.code).toBe(0);
      expect(help.stdout).toMatch(/^Examples:\n/);
    }
  });
});
