import type { Access, Table } from "@modwarden/access";
import type { Question } from "@modwarden/policy";

/**
 * One thing that was approved. Whatever function does it is the same thing: a register written with 6 or with 16.
 * `table` null without `file`: an operation without registers, which its function is.
 */
export interface BoundObject {
  readonly table: Table | null;
  readonly file?: number;
  readonly address: number;
  readonly quantity: number;
  /** Of a write. */
  readonly values?: readonly number[];
  readonly mask?: { readonly and: number; readonly or: number };
  readonly function?: number;
  readonly subfunction?: number;
}

/** What people have approved: that one subject does exactly this at one device, once, and before it expires. */
export interface Grant {
  readonly id: string;
  /** The rules whose approval it is. */
  readonly rules: readonly string[];
  /** How many people have approved it. A rule that by now asks for more is not content with it. */
  readonly people: 1 | 2;
  readonly subject: string;
  readonly device: string;
  /** As `boundObjects` says of the question that was approved. */
  readonly objects: readonly BoundObject[];
  /** Hash of the policy whose rules they are: by another one it is no approval, whatever its rules are called. */
  readonly policy: string;
  /** Wall clock, since 1970. */
  readonly expiresMs: number;
}

/** The rule of a policy, and how many people it asks for. */
export interface Asking {
  readonly policy: string;
  readonly rule: string;
  readonly people: 1 | 2;
}

type Bound = Pick<Question, "functionCode" | "subfunction" | "accesses">;

/** What an approval of a question is of: everything it writes, or, when it writes nothing, everything it reads. */
export function boundObjects(question: Bound): readonly BoundObject[] {
  const writes = question.accesses.filter(({ write }) => write);
  return (writes.length > 0 ? writes : question.accesses).map((access) => boundObject(access, question));
}

function boundObject(access: Access, { functionCode, subfunction }: Bound): BoundObject {
  const { table, file, address, quantity, write, values, mask } = access;
  const named = table !== null || file !== undefined;
  return {
    table,
    ...(file === undefined ? {} : { file }),
    address,
    quantity,
    ...(write && values !== undefined ? { values } : {}),
    ...(mask === undefined ? {} : { mask: { and: mask.and, or: mask.or } }),
    ...(named ? {} : { function: functionCode }),
    ...(named || subfunction === undefined ? {} : { subfunction }),
  };
}

/** The approvals that nobody has used yet: bounded, each used once, gone when it expires or is withdrawn. */
export class Grants {
  readonly #capacity: number;
  readonly #byId = new Map<string, Grant>();
  readonly #byBinding = new Map<string, Grant[]>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** False when the table is full. The same id again replaces what it was. */
  add(grant: Grant, wallMs: number): boolean {
    this.withdraw(grant.id);
    if (this.#byId.size >= this.#capacity) this.#expire(wallMs);
    if (this.#byId.size >= this.#capacity) return false;
    this.#byId.set(grant.id, grant);
    const binding = bindingOf(grant.subject, grant.device, grant.objects);
    const same = this.#byBinding.get(binding);
    if (same === undefined) this.#byBinding.set(binding, [grant]);
    else same.push(grant);
    return true;
  }

  /** False when there is none: it was used, has expired, or never was. */
  withdraw(id: string): boolean {
    const grant = this.#byId.get(id);
    if (grant === undefined) return false;
    this.#byId.delete(id);
    const binding = bindingOf(grant.subject, grant.device, grant.objects);
    const others = this.#byBinding.get(binding)?.filter((other) => other !== grant) ?? [];
    if (others.length === 0) this.#byBinding.delete(binding);
    else this.#byBinding.set(binding, others);
    return true;
  }

  /** The grant for exactly this question, of this rule of this policy, by as many people as it asks for. */
  find({ policy, rule, people }: Asking, question: Question, wallMs: number): Grant | undefined {
    if (this.#byId.size === 0 || question.subject === null || question.device === null) return undefined;
    const binding = bindingOf(question.subject, question.device, boundObjects(question));
    return this.#byBinding
      .get(binding)
      ?.find(
        (grant) =>
          grant.policy === policy && grant.rules.includes(rule) && grant.people >= people && wallMs < grant.expiresMs,
      );
  }

  #expire(wallMs: number): void {
    for (const grant of [...this.#byId.values()]) if (wallMs >= grant.expiresMs) this.withdraw(grant.id);
  }
}

/** Not by `JSON.stringify(objects)`: the order of keys is the sender's, the binding must not be. */
function bindingOf(subject: string, device: string, objects: readonly BoundObject[]): string {
  const parts = objects.map(({ table, file, address, quantity, values, mask, function: code, subfunction }) => [
    ...[table, file ?? null, address, quantity, values ?? null],
    ...[mask === undefined ? null : [mask.and, mask.or], code ?? null, subfunction ?? null],
  ]);
  return JSON.stringify([subject, device, parts]);
}
