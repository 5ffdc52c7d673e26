import type { Table } from "@modwarden/access";
import type { Sidecar, SidecarStatement, Value } from "@modwarden/store";
import { storedText } from "./dictionary.ts";
import { type Dimension, dimension, type Said } from "./facts.ts";
import { type SearchQuery, termsWanted, wantsShape } from "./query.ts";
import type { How } from "./shape.ts";

interface Id {
  readonly id: number;
}

/** One condition: a record has one of these terms. With none of them no record fulfils it. */
export type AnyOf = readonly number[];

/** Finds the numbers of terms that a question is about. */
export class TermLookup {
  readonly #sidecar: Sidecar;
  readonly #term: SidecarStatement<Id>;

  constructor(sidecar: Sidecar) {
    this.#sidecar = sidecar;
    this.#term = sidecar.prepare("select id from term where dimension = ? and value = ?");
  }

  /** All conditions of a question but those about time and text. Never empty. */
  conditions(query: SearchQuery): readonly AnyOf[] {
    const conditions = termsWanted(query).map(([of, said]) => this.term(of, said));
    if (wantsShape(query)) conditions.push(this.#shapes(query));
    // Every record that could be read has a kind.
    return conditions.length > 0 ? conditions : [this.#all("kind")];
  }

  term(of: Dimension, said: Said): AnyOf {
    const found = this.#term.get(dimension[of], storedText(said));
    return found === undefined ? [] : [found.id];
  }

  #all(of: Dimension): AnyOf {
    return this.#sidecar
      .prepare<Id>("select id from term where dimension = ?")
      .all(dimension[of])
      .map(({ id }) => id);
  }

  #shapes({ device, point, table, addresses }: SearchQuery): AnyOf {
    const where = conditionOf({
      ...(device === undefined ? {} : { device }),
      ...(point === undefined ? {} : { point }),
      ...(table === undefined ? {} : { table }),
      ...(addresses === undefined ? {} : { addresses }),
    });
    return this.#sidecar
      .prepare<Id>(`select id from shape where ${where.sql}`)
      .all(...where.values)
      .map(({ id }) => id);
  }

  /** The shapes that something is known of, with what they say. */
  shapes(wanted: ShapesWanted): readonly StoredShape[] {
    const where = conditionOf(wanted);
    const columns = 'id, area as "table", address, quantity, how';
    return this.#sidecar
      .prepare<StoredShape>(`select ${columns} from shape where ${where.sql} and area is not null`)
      .all(...where.values);
  }
}

/** All of it is true of a shape. */
export interface ShapesWanted {
  readonly device?: string;
  readonly point?: string;
  readonly table?: Table;
  readonly addresses?: { readonly first: number; readonly last: number };
  readonly how?: readonly How[];
}

export interface StoredShape {
  /** Its number as a term. */
  readonly id: number;
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
  readonly how: How;
}

function conditionOf({ device, point, table, addresses, how }: ShapesWanted): {
  readonly sql: string;
  readonly values: readonly Value[];
} {
  const conditions: string[] = [];
  const values: Value[] = [];
  const add = (condition: string, ...more: readonly Value[]): void => {
    conditions.push(condition);
    values.push(...more);
  };
  if (device !== undefined) add("device = ?", storedText(device));
  if (table !== undefined) add("area = ?", table);
  if (addresses !== undefined) {
    add("file is null and address <= ? and address + quantity > ?", addresses.last, addresses.first);
  }
  if (point !== undefined) add("id in (select shape from shape_point where point = ?)", storedText(point));
  if (how !== undefined) add(`how in (${how.join(", ")})`);
  return { sql: conditions.join(" and "), values };
}
