import { openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { systemCode } from "../error.ts";

/*
 * What may be there or not: a segment may just have been compressed, a log may just be begun. Only "it does not exist"
 * is an answer; any other error is thrown.
 */

function existing<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A descriptor for reading. */
export function openExisting(path: string): number | undefined {
  return existing(() => openSync(path, "r"));
}

export function readExisting(path: string): Buffer | undefined {
  return existing(() => readFileSync(path));
}

/** Length in bytes. */
export function sizeOfExisting(path: string): number | undefined {
  return existing(() => statSync(path).size);
}

/** Names in a folder; none when it does not exist. */
export function listFolder(dir: string): string[] {
  return existing(() => readdirSync(dir)) ?? [];
}
