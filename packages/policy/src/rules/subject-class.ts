import type { SubjectKind } from "../language/text.ts";
import type { CompiledRule } from "./rule.ts";

/** What a policy may ask of a subject beside its role. */
export interface SubjectTraits {
  readonly subject: string | null;
  readonly kind?: SubjectKind;
  readonly tags?: readonly string[];
}

/** The class of those whom no rule with ids, tags or kinds is about. */
export const NO_CLASS = 0;
/** There is no room for one more class: nothing can be said of such a subject, so nothing is permitted to it. */
export const UNKNOWN_CLASS = -1;

/** Subjects whose class is kept; when there are more, all are looked up again. */
const MAX_KNOWN = 16_384;
/** Classes that are kept; a policy with a rule for each identity has one for each. */
const MAX_CLASSES = 65_536;

interface Known {
  readonly kind: SubjectKind | undefined;
  readonly tags: readonly string[] | undefined;
  readonly subjectClass: number;
}

/**
 * Subjects fall into classes: two are of one class when the same rules with ids, tags or kinds are about them. So what
 * is looked up for each request is a number, however many such rules there are.
 */
export class SubjectClasses {
  readonly #byId = new Map<string, CompiledRule[]>();
  /** Rules that name tags or kinds and no id. */
  readonly #others: CompiledRule[] = [];
  readonly #isSelective: boolean;
  #classOf = new Map<string, number>();
  #members: ReadonlySet<CompiledRule>[] = [new Set()];
  #known = new Map<string | null, Known>();

  readonly #maxClasses: number;

  constructor(rules: readonly CompiledRule[], maxClasses: number = MAX_CLASSES) {
    this.#maxClasses = maxClasses;
    this.#isSelective = rules.some(isSelective);
    for (const rule of rules) {
      if (!isSelective(rule)) continue;
      if (rule.ids === undefined) this.#others.push(rule);
      for (const id of rule.ids ?? []) {
        const list = this.#byId.get(id);
        if (list === undefined) this.#byId.set(id, [rule]);
        else list.push(rule);
      }
    }
  }

  classOf(traits: SubjectTraits): number {
    if (!this.#isSelective) return NO_CLASS;
    const known = this.#known.get(traits.subject);
    if (known !== undefined && known.kind === traits.kind && known.tags === traits.tags) return known.subjectClass;
    const subjectClass = this.#find(traits);
    if (this.#known.size >= MAX_KNOWN) this.#known = new Map();
    this.#known.set(traits.subject, { kind: traits.kind, tags: traits.tags, subjectClass });
    return subjectClass;
  }

  /** Whether a rule is about the subjects of a class, their role apart. */
  contains(subjectClass: number, rule: CompiledRule): boolean {
    return !isSelective(rule) || this.#members[subjectClass]?.has(rule) === true;
  }

  #find(traits: SubjectTraits): number {
    const named = traits.subject === null ? [] : (this.#byId.get(traits.subject) ?? []);
    const rules = [...named, ...this.#others].filter((rule) => fits(rule, traits));
    if (rules.length === 0) return NO_CLASS;
    // The same rules stand in the same order always: those with ids first, each kind in the order of the file.
    const name = rules.map((rule) => rule.index).join(" ");
    const known = this.#classOf.get(name);
    if (known !== undefined) return known;
    const subjectClass = this.#members.length;
    if (subjectClass > this.#maxClasses) return UNKNOWN_CLASS;
    this.#members.push(new Set(rules));
    this.#classOf.set(name, subjectClass);
    return subjectClass;
  }
}

function isSelective({ ids, tags, kinds }: CompiledRule): boolean {
  return ids !== undefined || tags !== undefined || kinds !== undefined;
}

function fits({ tags, kinds }: CompiledRule, traits: SubjectTraits): boolean {
  if (traits.subject === null) return false;
  if (kinds !== undefined && (traits.kind === undefined || !kinds.has(traits.kind))) return false;
  return tags === undefined || (traits.tags?.some((tag) => tags.has(tag)) ?? false);
}
