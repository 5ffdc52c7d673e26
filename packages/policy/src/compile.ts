import { canonicalText } from "./canonical.ts";
import { Decider } from "./decide.ts";
import { Explainer } from "./explain.ts";
import type { Policy, PolicyDevice } from "./question.ts";
import type { PolicyDocument } from "./read.ts";
import { resolveRules } from "./resolve.ts";
import { Scopes } from "./scope.ts";
import { sha256 } from "./sha256.ts";

export interface CompileOptions {
  /** SHA-256 of text as hex; default: the runtime's own. */
  readonly sha256?: (text: string) => string;
}

/** The digits of the hash that records carry. */
const HASH_DIGITS = 16;

/**
 * Compiles a policy for the site's devices to tables by role, target, function and address. Throws DocumentError with
 * the place of every name that is not one of theirs. Without devices only a file that names none can be compiled.
 */
export function compilePolicy(
  document: PolicyDocument,
  devices: readonly PolicyDevice[],
  options: CompileOptions = {},
): Policy {
  const { mode, roles } = document.value;
  const rules = resolveRules(document, devices);
  const hash = (options.sha256 ?? sha256)(canonicalText(document.value)).slice(0, HASH_DIGITS);
  const explainer = new Explainer(hash, mode, rules, devices);
  const scopes = new Scopes(rules, devices, roles);
  const decider = new Decider({ scopes, roles, devices, explainer });
  return Object.freeze({
    hash,
    mode,
    roles: Object.freeze([...roles]),
    decide: (question) => decider.decide(question),
  } satisfies Policy);
}
