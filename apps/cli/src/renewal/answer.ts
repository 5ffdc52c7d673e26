import type { LoadedIdentity, RenewalResult } from "@modwarden/identity";

/** What happened to a certificate; `elsewhere`: another process renewed it. */
export type Outcome = RenewalResult["outcome"] | "elsewhere";

/** What `--json` prints of a renewal. */
export function documentOf(
  { id, role, state, fingerprint, expires, renewAfter }: LoadedIdentity,
  outcome: Outcome,
): object {
  return { id, role, state, fingerprint, expires, renewAfter, outcome };
}

export function sentenceOf({ id, expires, renewAfter }: LoadedIdentity, outcome: Outcome): string {
  const what = outcome === "kept" ? "needs no renewal yet" : outcome === "recovered" ? "is recovered" : "is renewed";
  return `${id} ${what}: its certificate holds until ${expires}, and is renewed from ${renewAfter} on`;
}
