import type { ReadyLine } from "@modwarden/server";
import type { Context } from "./context.ts";

/** One line per listener as it opens; with `--json` the document that scripts wait for. */
export function printReady(context: Context, line: ReadyLine, json: boolean): void {
  if (json) context.json(line);
  else if (line.url !== undefined) context.print(`${line.ready.padEnd(10)} ${line.url}`);
}
