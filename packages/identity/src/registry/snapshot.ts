import type { Kysely } from "kysely";
import type { SubjectChange, SubjectRecord } from "../types/identities.ts";
import type { Registry } from "./schema.ts";
import { subjects } from "./subjects.ts";

/** Everyone but the retired, in memory; after a change only those it tells of are read again. */
export class SubjectsSnapshot {
  readonly #database: Kysely<Registry>;
  readonly #byId = new Map<string, SubjectRecord>();
  #sorted: readonly SubjectRecord[] | undefined;

  private constructor(database: Kysely<Registry>) {
    this.#database = database;
  }

  static async open(database: Kysely<Registry>): Promise<SubjectsSnapshot> {
    const snapshot = new SubjectsSnapshot(database);
    for (const record of await subjects(database)) snapshot.#byId.set(keyOf(record.id), record);
    return snapshot;
  }

  /** Reads these again, and says what is different now. */
  async refresh(ids: readonly string[]): Promise<SubjectChange> {
    const records = await subjects(this.#database, ids);
    const gone = ids.flatMap((id) => this.#byId.get(keyOf(id))?.id ?? []);
    for (const id of ids) this.#byId.delete(keyOf(id));
    for (const record of records) this.#byId.set(keyOf(record.id), record);
    this.#sorted = undefined;
    return { records, gone: gone.filter((id) => this.#byId.get(keyOf(id))?.id !== id) };
  }

  /** What is known of one id, however it is written. */
  find(id: string): SubjectRecord | undefined {
    return this.#byId.get(keyOf(id));
  }

  records(): readonly SubjectRecord[] {
    this.#sorted ??= [...this.#byId.values()].sort((left, right) => (keyOf(left.id) < keyOf(right.id) ? -1 : 1));
    return this.#sorted;
  }
}

/** Ids that differ only by case are one. */
function keyOf(id: string): string {
  return id.toLowerCase();
}
