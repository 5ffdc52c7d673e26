import type { TestText } from "../language/text.ts";
import type { NotCovered } from "./not-covered.ts";
import type { ProposedRule } from "./rules.ts";
import type { Tally } from "./tally.ts";
import { commentText, yamlEntry, yamlList, yamlText } from "./yaml.ts";

/** A rule that is proposed, with the name that it gets. */
export interface NamedRule extends ProposedRule {
  readonly id: string;
}

export interface PolicyParts {
  /** Comment lines that open the file. */
  readonly header: readonly string[];
  readonly roles: readonly string[];
  readonly rules: readonly NamedRule[];
  readonly tests: readonly TestText[];
  readonly notCovered: readonly NotCovered[];
}

/** More kinds of what is not covered than this are only counted: the list is for people. */
const MOST_NOT_COVERED = 60;

/** The policy file, with comments: everything that came from outside is escaped. */
export function policyText({ header, roles, rules, tests, notCovered }: PolicyParts): string {
  const lines = [
    ...header.map(comment),
    "policy: 1",
    "mode: shadow                    # judges and records, and refuses nothing yet",
    `roles: ${yamlList(roles)}`,
    rules.length === 0 ? "rules: []" : "rules:",
    ...rules.flatMap(ruleLines),
    ...(tests.length === 0 ? [] : ["tests:", ...tests.map((test) => `  - ${testText(test)}`)]),
    ...notCoveredLines(notCovered),
  ];
  return `${lines.join("\n")}\n`;
}

function comment(line: string): string {
  return line === "" ? "#" : `# ${commentText(line)}`;
}

function ruleLines({ id, role, transports, devices, units, entries }: NamedRule): readonly string[] {
  const isPlain = transports === undefined || (transports.length === 1 && transports[0] === "tls");
  return [
    `  - id: ${yamlText(id)}`,
    `    permit: { roles: ${yamlList([role])} }`,
    ...(devices.length === 0 ? [] : [`    devices: ${yamlList(devices)}`]),
    ...(units.length === 0 ? [] : [`    units: ${yamlList(units)}`]),
    "    allow:",
    ...entries.flatMap(({ entry, tally, notes }) => [
      `      # ${seenText(tally)}${notes.map((note) => `; ${commentText(note)}`).join("")}`,
      `      - ${yamlEntry(entry, "          ")}`,
    ]),
    ...(isPlain ? [] : [`    when: { transports: ${yamlList(transports ?? [])} }`]),
  ];
}

/** "213 times, 2012-11-06 11:23:01Z to 11:24:25Z" */
function seenText({ count, firstMs, lastMs }: Tally): string {
  if (count === 0) return "not asked by itself";
  const times = count === 1 ? "once" : `${count} times`;
  return count === 1
    ? `${times}, ${timeText(lastMs)}`
    : `${times}, first ${timeText(firstMs)}, last ${timeText(lastMs)}`;
}

/** To the second: what a person compares with a clock. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

function testText(test: TestText): string {
  const parts = Object.entries(test).map(([key, value]): string => {
    if (typeof value === "string") return `${key}: ${/^\d+\/\d+$/.test(value) ? value : yamlText(value)}`;
    if (Array.isArray(value)) return `${key}: ${yamlList(value as readonly number[])}`;
    return `${key}: ${String(value)}`;
  });
  return `{ ${parts.join(", ")} }`;
}

function notCoveredLines(notCovered: readonly NotCovered[]): readonly string[] {
  if (notCovered.length === 0) return [];
  const shown = notCovered.slice(0, MOST_NOT_COVERED);
  const rest = notCovered.slice(MOST_NOT_COVERED);
  const more = rest.reduce((sum, { tally }) => sum + tally.count, 0);
  return [
    "",
    "# Not covered, because it was refused, answered with an exception or not at all, or because no policy permits it:",
    ...shown.map(({ who, what, why, tally }) => comment(`  ${who}, ${what}: ${why}; ${seenText(tally)}`)),
    ...(rest.length === 0 ? [] : [`#   and ${rest.length} more kinds, ${more} requests`]),
  ];
}
