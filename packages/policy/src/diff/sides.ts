import type { PolicyDocument } from "../language/read.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { resolveEveryRule } from "../rules/resolve.ts";
import type { StatedRule } from "./circumstances.ts";
import type { PolicySide } from "./compare.ts";

/** The rules of a policy that are in force, also those for other places. Throws DocumentError for unknown names. */
export function sideOf(document: PolicyDocument, devices: readonly PolicyDevice[]): PolicySide {
  const rules = resolveEveryRule(document, devices).filter(({ shadow }) => !shadow);
  return {
    rules: rules.map((compiled): StatedRule => ({ compiled, text: document.value.rules[compiled.index]! })),
    roles: new Set(document.value.roles),
  };
}
