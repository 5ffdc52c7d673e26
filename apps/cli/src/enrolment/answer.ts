import type { EnrolledIdentity } from "@modwarden/identity";

/** What `--json` prints of an enrolment. */
export function documentOf({ id, role, state, fingerprint, expires }: EnrolledIdentity): object {
  return { id, role, state, fingerprint: fingerprint ?? null, expires: expires ?? null };
}

export function sentenceOf({ id, role, state, expires, waitsFor }: EnrolledIdentity, folder: string): string {
  if (waitsFor === "authority") {
    return `${id} waits for the company's authority that issues here: the same command once more, in a minute`;
  }
  return state === "pending"
    ? `${id} waits for approval: \`modwarden identity approve ${id}\` at the site, then the same command once more`
    : `${id} is ${state}${role === null ? "" : ` as ${role}`}; its identity is in ${folder}, until ${expires ?? "?"}`;
}
