import { readFileSync } from "node:fs";
import { Frontier } from "../merkle/frontier.ts";
import { type WriteFs, writeFileDurably } from "./write-fs.ts";

const NAME = "frontier.json";

/**
 * The frontier at the beginning of the newest segment, kept beside the keys so that opening need not hash the leaves
 * of all segments again. It is only a hint: together with the leaves that follow it must give the root that the last
 * checkpoint signed, else it is not used.
 */
export function saveFrontier(write: WriteFs, folder: string, frontier: Frontier): void {
  const peaks = frontier.peaks.map((peak) => Buffer.from(peak).toString("base64"));
  const text = `${JSON.stringify({ size: frontier.size, peaks })}\n`;
  writeFileDurably(write, folder, NAME, Buffer.from(text), 0o600);
}

export function loadFrontier(folder: string): Frontier | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(`${folder}/${NAME}`, "utf8"));
    if (typeof value !== "object" || value === null || !("size" in value) || !("peaks" in value)) return undefined;
    if (typeof value.size !== "number" || !Array.isArray(value.peaks)) return undefined;
    return Frontier.restore(
      value.size,
      value.peaks.map((peak) => Buffer.from(String(peak), "base64")),
    );
  } catch {
    // Not swallowed: a hint that cannot be read is no hint, and the leaves of all segments are hashed instead.
    return undefined;
  }
}
