import type { IdentityEvent } from "@modwarden/identity";

/** What of the events of keys and enrolments a person at the site has to see at once, one line each. */
export function keyNotices(events: readonly IdentityEvent[]): readonly string[] {
  return events.flatMap((event) => noticeOf(event) ?? []);
}

function noticeOf({ event, key = "", detail = {}, source, reason, id }: IdentityEvent): string | undefined {
  const identities = String(detail["identities"] ?? "");
  switch (event) {
    case "key-leaked":
      return `registration key ${key} was reported as leaked${source === undefined ? "" : ` by ${source}`} and is revoked; ${
        identities === "" ? "nobody enrolled by it" : `look at who enrolled by it: ${identities}`
      }`;
    case "key-conflict":
      return `offline key ${key} was used ${detail["used"] ?? "?"} times of ${detail["uses"] ?? "?"}: ${identities} is suspended until somebody has looked (\`modwarden identity show\`)`;
    case "key-expires-soon":
      return `registration key ${key}${detail["count"] === undefined ? "" : ` and ${Number(detail["count"]) - 1} more of import ${detail["import"] ?? ""}`} ends in ${detail["days"] ?? "?"} days`;
    case "refused":
      return reason === "authority"
        ? `${id ?? "somebody"} has no certificate yet: ${detail["problem"] ?? ""}`
        : undefined;
    default:
      return undefined;
  }
}
