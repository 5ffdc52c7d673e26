import { expect, it } from "vitest";
import { commands } from "../commands.ts";
import { runHere } from "../testing/terminal.ts";
import { wrapped } from "./help.ts";

it("breaks lines between words", () => {
  const words = Array.from({ length: 40 }, (_, index) => "w".repeat(1 + (index % 9)));
  const lines = wrapped(words.join(" ")).split("\n");
  expect(lines.join(" ")).toBe(words.join(" "));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(wrapped("one\n\ntwo")).toBe("one\n\ntwo");
  expect(wrapped("x".repeat(90))).toBe("x".repeat(90));
});

it("fits a terminal of 80 columns, but for command lines that are longer", async () => {
  const groups = ["key", "identity", "authority", "policy", "audit"];
  const subcommands = await Promise.all(
    groups.map(async (group) => {
      const { stdout } = await runHere([group, "--help"]);
      const list = stdout.slice(stdout.indexOf("Commands:"));
      return [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name = ""]) => (name === "help" ? [] : [[group, name]]));
    }),
  );
  expect(subcommands.every(({ length }) => length > 1)).toBe(true);
  for (const command of [[], ...Object.keys(commands).map((name) => [name]), ...subcommands.flat()]) {
    const { stdout } = await runHere([...command, "--help"]);
    const lines = stdout.split("\n");
    const long = lines.filter((line, index) => line.length > 80 && !lines[index - 1]?.startsWith("  # "));
    expect(long, command.join(" ")).toEqual([]);
  }
});
