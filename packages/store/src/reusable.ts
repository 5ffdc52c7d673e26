import type { Compilable, CompiledQuery, Kysely, QueryResult } from "kysely";

/** Stands for a value while a query is compiled. */
class Slot {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/**
 * A query that is built and compiled when it is first run, and from then on only run: building one takes longer than
 * SQLite does for it. `build` puts each value into the query once or more as it is; it must not look at them, nor do
 * without one. All databases it is given have one dialect.
 */
export function reusable<Schema, const Values extends readonly unknown[], Row>(
  build: (database: Kysely<Schema>, ...values: Values) => Compilable<Row>,
): (database: Kysely<Schema>, ...values: Values) => Promise<QueryResult<Row>> {
  let compiled: CompiledQuery<Row> | undefined;
  return (database, ...values) => {
    compiled ??= build(database, ...(values.map((_, index) => new Slot(index)) as unknown as Values)).compile();
    const parameters = compiled.parameters.map((value) => (value instanceof Slot ? values[value.index] : value));
    return database.executeQuery({ ...compiled, parameters });
  };
}
