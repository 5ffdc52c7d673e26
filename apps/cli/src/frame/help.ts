/** A command line that works when it is pasted, and what it does. */
export type Example = readonly [line: string, what: string];

/** The width every terminal has. */
const WIDTH = 80;

/** Each example below its comment, as in a shell script: the whole of it can be pasted. */
export function examplesText(examples: readonly Example[]): string {
  return ["Examples:", ...examples.map(([line, what]) => `  # ${what}\n  ${line}`), ""].join("\n");
}

/** Breaks each line between words; a word that is longer than a line stays whole. */
export function wrapped(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replaceAll(new RegExp(`(.{1,${WIDTH}})(?: +|$)`, "g"), "$1\n").trimEnd())
    .join("\n");
}
