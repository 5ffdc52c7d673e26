import { Decider } from "./decide/decide.ts";
import { Explainer } from "./decide/explain.ts";
import type { Policy } from "./decide/question.ts";
import { canonicalText } from "./language/canonical.ts";
import type { PolicyDocument } from "./language/read.ts";
import { sha256 } from "./language/sha256.ts";
import type { PolicyDevice } from "./rules/device.ts";
import { resolveRules } from "./rules/resolve.ts";
import { Scopes } from "./rules/scope.ts";

export interface CompileOptions {
  /** SHA-256 of text as hex; default: the runtime's own. */
  readonly sha256?: (text: string) => string;
  /** Where the policy is in force; undefined: not known, and no permit for certain places counts. */
  readonly location?: PolicyLocation;
}

/** The gateway whose line asks the policy. */
export interface PolicyLocation {
  readonly site: string;
  readonly gateway: string;
  readonly zone?: string;
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
    screen: (question) => decider.decide(question),
    needs: () => [],
    uses: () => undefined,
    watches: [],
    approvals: new Map(),
  } satisfies Policy);
}
