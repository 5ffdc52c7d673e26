import type { PolicyDocument } from "../language/read.ts";
import type { PolicyDevice } from "../rules/device.ts";
import type { PolicyLocation } from "../rules/location.ts";
import { compareRules } from "./compare.ts";
import { grouped } from "./grouping.ts";
import { sideOf } from "./sides.ts";
import { Space } from "./space.ts";
import { type DiffRegion, inWords } from "./words.ts";

export interface PolicyDiff {
  /** Whether the two decide alike whatever is asked. */
  readonly same: boolean;
  /** Only where they are not in the same mode: in shadow mode nothing is refused. */
  readonly modes?: { readonly a: "enforce" | "shadow"; readonly b: "enforce" | "shadow" };
  readonly regions: readonly DiffRegion[];
}

export interface DiffOptions {
  /** Where both would be in force; undefined: the difference anywhere. */
  readonly location?: PolicyLocation;
}

/**
 * What one policy permits and the other does not, by computing with the rules themselves: nothing is sampled. Where two
 * decisions differ there is a region about it; where there is none, no decision differs. What cannot be compared exactly
 * (the buckets of two rules with different ids, say) is told as a difference. Throws DocumentError for names that the
 * devices do not have.
 */
export function diffPolicies(
  a: PolicyDocument,
  b: PolicyDocument,
  devices: readonly PolicyDevice[],
  { location }: DiffOptions = {},
): PolicyDiff {
  const sides = { a: sideOf(a, devices), b: sideOf(b, devices) };
  const space = new Space([...sides.a.rules, ...sides.b.rules], [...sides.a.roles, ...sides.b.roles]);
  const raw = compareRules(sides.a, sides.b, devices, space, space.hereBox(location));
  const regions = grouped(raw).map((region) => inWords(region, space, devices));
  const modes = { a: a.value.mode, b: b.value.mode };
  const sameMode = modes.a === modes.b;
  return { same: sameMode && regions.length === 0, ...(sameMode ? {} : { modes }), regions };
}
