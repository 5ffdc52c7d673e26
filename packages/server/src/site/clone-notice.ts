import type { IdentityEvent } from "@modwarden/identity";

/** What an operator reads at once: two hold one identity, which is more than a record among others. */
export function cloneNotices(events: readonly IdentityEvent[]): readonly string[] {
  return events
    .filter(({ event }) => event === "cloned")
    .map(({ id = "?", source = "?", detail }) => {
      const other = detail?.["currentSource"] ?? "?";
      return `two hold the identity "${id}", one at ${source} and one last seen at ${other}: both are locked until somebody has looked (docs/renewal.md#clones)`;
    });
}
