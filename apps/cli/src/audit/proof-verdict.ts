import type { ProofResult } from "@modwarden/audit";
import type { Context } from "../frame/context.ts";
import { recordLine } from "./record-line.ts";

/** What a proof shows, for people. */
export function proofVerdict(context: Context, result: ProofResult): string[] {
  if (!result.ok) return [`${context.paint("red", "not proved")}: ${result.reason}`];
  const { log, size, t, epoch, trust } = result;
  const key =
    trust === "given" ? "the given key" : "the key that the proof itself brings: give the one you know with --key";
  const proved = context.paint("green", "proved");
  const under = `signed at ${t} in epoch ${epoch}, under ${key}`;
  if (result.proof === "consistency") {
    return [
      `${proved}: log ${log} over ${size} records begins with its first ${result.from} records, whose root is ${result.fromRoot}: it has to be the one that you have kept; ${under}`,
    ];
  }
  const since = result.since === null ? "" : `, which began at ${result.since}`;
  return [
    `${proved}: it is record ${result.seq} of the first ${size} of log ${log}, ${under}${since}`,
    recordLine(context, result.record),
  ];
}
