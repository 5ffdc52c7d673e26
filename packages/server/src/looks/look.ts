import { formatTime, serialiseRecord } from "@modwarden/audit";
import { z } from "zod";

/** What is done to the log by reading it. */
const lookActions = ["tail", "search", "blame", "state", "prove", "export", "learn", "replay"] as const;

type Asked = string | number | boolean | readonly string[];

/** Somebody looks at the log: what for, and how many records they are shown, where that is known beforehand. */
export interface Look {
  readonly action: (typeof lookActions)[number];
  /** What was asked. Flat. */
  readonly query?: Readonly<Record<string, Asked>>;
  readonly records?: number;
}

/** Who sat at the site, or who held the token of its console. */
export type LookedBy = { readonly operator: true } | { readonly console: true };

const KEYS = 32;
const CHARACTERS = 300;
const LIST = 16;

const asked = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]);

/** A look as another process of the site's operator tells it. */
export const lookSchema: z.ZodType<Look> = z.strictObject({
  action: z.enum(lookActions),
  query: z.record(z.string(), asked).exactOptional(),
  records: z.int().nonnegative().exactOptional(),
});

/** The record of a look. `again`: the same one so many times more, in the minute after the record of the first. */
export function serialiseLook(now: Date, by: LookedBy, look: Look & { readonly again?: number }): string {
  const { action, query, records, again } = look;
  return serialiseRecord(formatTime(now.getTime()), "system", {
    event: "looked",
    action,
    by,
    ...(query === undefined ? {} : { query: bounded(query) }),
    ...(records === undefined ? {} : { records }),
    ...(again === undefined ? {} : { again }),
  });
}

/** A question may be as long as it likes; its record may not. */
function bounded(query: Readonly<Record<string, Asked>>): Record<string, string | number | boolean | string[]> {
  const fields = Object.entries(query).slice(0, KEYS);
  return Object.fromEntries(fields.map(([name, value]) => [shortened(name), shortenedValue(value)]));
}

function shortenedValue(value: Asked): string | number | boolean | string[] {
  if (typeof value === "string") return shortened(value);
  return typeof value === "object" ? value.slice(0, LIST).map(shortened) : value;
}

function shortened(text: string): string {
  return text.length <= CHARACTERS ? text : `${text.slice(0, CHARACTERS).toWellFormed()}…`;
}
