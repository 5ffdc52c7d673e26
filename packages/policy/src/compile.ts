import type { Explanation } from "@modwarden/access";
import { Decider } from "./decide/decide.ts";
import { Explainer } from "./decide/explain.ts";
import type { Policy, Question, Uses } from "./decide/question.ts";
import { shadowed } from "./decide/shadow.ts";
import { watchesOf } from "./decide/watches.ts";
import { canonicalText } from "./language/canonical.ts";
import type { PolicyDocument } from "./language/read.ts";
import { sha256 } from "./language/sha256.ts";
import type { PolicyDevice } from "./rules/device.ts";
import type { PolicyLocation } from "./rules/location.ts";
import { resolveRules } from "./rules/resolve.ts";
import type { CompiledRule } from "./rules/rule.ts";
import { Scopes } from "./rules/scope.ts";
import { Slots } from "./rules/side.ts";
import { SubjectClasses } from "./rules/subject-class.ts";

export interface CompileOptions {
  /** SHA-256 of text as hex; default: the runtime's own. */
  readonly sha256?: (text: string) => string;
  /** Where the policy is in force; undefined: not known, and no permit for certain places counts. */
  readonly location?: PolicyLocation;
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
  const resolved = resolveRules(document, devices, options.location);
  const hash = (options.sha256 ?? sha256)(canonicalText(document.value)).slice(0, HASH_DIGITS);
  const explainer = new Explainer(hash, mode, resolved, devices);
  const deciderOf = (rules: readonly CompiledRule[]): Decider => {
    const classes = new SubjectClasses(rules);
    return new Decider({
      scopes: new Scopes(rules, devices, roles, { classes, slots: new Slots() }),
      classes,
      roles,
      explainer,
    });
  };
  const inForce = deciderOf(resolved.filter((rule) => !rule.shadow));
  const tried = resolved.some((rule) => rule.shadow) ? deciderOf(resolved) : undefined;
  const uses = usesOf(resolved);
  return Object.freeze({
    hash,
    mode,
    roles: Object.freeze([...roles]),
    ...(tried === undefined
      ? {
          decide: (question: Question) => inForce.decide(question),
          screen: (question: Question) => inForce.screen(question),
          needs: (question: Question) => inForce.needs(question),
        }
      : shadowed(inForce, tried)),
    uses,
    watches: Object.freeze(watchesOf(resolved, devices)),
    approvals: new Map(
      resolved.flatMap(({ id, approval }) => (approval === undefined ? [] : [[id, approval] as const])),
    ),
  } satisfies Policy);
}

function usesOf(rules: readonly CompiledRule[]): (permit: Explanation) => Uses | undefined {
  const spending = new Map(
    rules
      .filter(({ rate, approval }) => rate !== undefined || approval !== undefined)
      .map((rule) => [rule.id, rule] as const),
  );
  return ({ permit, shadow, rules: used }) => {
    // What is forwarded only because nothing is in force uses up nothing.
    if (!permit || spending.size === 0 || shadow?.permit === false) return undefined;
    const spent = used.flatMap((id) => spending.get(id) ?? []);
    if (spent.length === 0) return undefined;
    return {
      rates: spent.flatMap(({ rate }) => rate ?? []),
      approvals: spent.filter(({ approval }) => approval !== undefined).map(({ id }) => id),
    };
  };
}
