import type { Question } from "../decide/question.ts";
import type { PolicyFile, SubjectKind } from "../language/text.ts";

/** What a record of the past does not say of who asked, and where. */
export type UnknownFact = "id" | "tags" | "kind" | "listener";

/** More possibilities than this are not gone through: the decision is then not known. */
const MOST = 64;

/**
 * What a question may have been, where the policy asks for something that the past does not say: if all of them are
 * decided alike, the decision is known all the same.
 */
export class Worlds {
  readonly #ids: readonly string[];
  readonly #tags: readonly (readonly string[])[];
  readonly #kinds: readonly SubjectKind[];
  readonly #listeners: readonly string[];

  constructor({ rules }: PolicyFile, unknown: readonly UnknownFact[]) {
    const named = <Name>(fact: UnknownFact, of: (rule: PolicyFile["rules"][number]) => readonly Name[] | undefined) =>
      unknown.includes(fact) ? [...new Set(rules.flatMap((rule) => of(rule) ?? []))] : [];
    this.#ids = named("id", ({ permit, forbid }) => (permit ?? forbid)?.ids);
    const helping = named("tags", ({ permit }) => permit?.tags);
    const hurting = named("tags", ({ forbid }) => forbid?.tags);
    this.#tags = tagSets(helping, hurting);
    const asksKind = named("kind", ({ permit, forbid }) => (permit ?? forbid)?.kinds).length > 0;
    this.#kinds = asksKind ? ["client", "device", "gateway"] : [];
    this.#listeners = named("listener", ({ when }) => when?.listeners);
  }

  /** Undefined: too many to go through. */
  of(question: Question): readonly Question[] | undefined {
    let worlds: Question[] = [question];
    if (question.subject !== null) {
      worlds = spread(worlds, this.#ids, (world, subject) => ({ ...world, subject }), true);
      worlds = spread(worlds, this.#tags, (world, tags) => ({ ...world, tags }), question.tags === undefined);
      worlds = spread(worlds, this.#kinds, (world, kind) => ({ ...world, kind }), question.kind === undefined);
    }
    const isOpen = question.listener === undefined;
    worlds = spread(worlds, this.#listeners, (world, listener) => ({ ...world, listener }), isOpen);
    return worlds.length > MOST ? undefined : worlds;
  }
}

/** Each world as it is, and with each of the values. */
function spread<Value>(
  worlds: Question[],
  values: readonly Value[],
  withValue: (world: Question, value: Value) => Question,
  isOpen: boolean,
): Question[] {
  if (!isOpen || values.length === 0 || worlds.length > MOST) return worlds;
  return worlds.flatMap((world) => [world, ...values.map((value) => withValue(world, value))]);
}

/** All that help and none that hurt, all that hurt, every single one, and all. */
function tagSets(helping: readonly string[], hurting: readonly string[]): readonly (readonly string[])[] {
  const all = [...new Set([...helping, ...hurting])];
  if (all.length === 0) return [];
  return [helping.filter((tag) => !hurting.includes(tag)), hurting, all, ...all.map((tag) => [tag])];
}
