import type { JsonValue } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import { cameOf } from "./facts.ts";
import { type Fields, type How, how, isFields, listOf, type Shape, shapeOf } from "./shape.ts";

/** One access of a record with what it says of the registers or bits, raw, null where that is not known. */
export interface AccessValues {
  readonly shape: Shape;
  readonly access: Fields;
  /** What stood there then, or stands there since. */
  readonly values: readonly (number | null)[];
  /** Of a write: what stood there before. */
  readonly before: readonly (number | null)[];
}

/** What a record says of registers, access by access, in the order in which the device touched them. */
export function valuesIn(record: AuditRecord): readonly AccessValues[] {
  if (record.kind === "state") {
    const quantity = listOf(record["values"]).length;
    const shape = shapeOf({ ...record, quantity }, record["device"], how.state);
    return [
      {
        shape,
        access: record,
        values: numbersIn(record["values"], quantity),
        before: numbersIn(record["before"], quantity),
      },
    ];
  }
  const outcome = isFields(record["outcome"]) ? record["outcome"] : {};
  // One list for all that the request wrote.
  let befores = 0;
  return listOf(record["accesses"])
    .filter(isFields)
    .map((access) => {
      const shape = shapeOf(access, access["device"], cameOf(record, access));
      const { quantity } = shape;
      if (access["write"] !== true) {
        return { shape, access, values: readValues(record, outcome, shape), before: nothing(quantity) };
      }
      const before = numbersIn(listOf(outcome["before"]).slice(befores, befores + quantity), quantity);
      befores += quantity;
      return { shape, access, values: writtenValues(access, before), before };
    });
}

/** What registers hold for certain once such a record is true: of an attempt that may have failed, nothing. */
export function standing({ shape, values }: AccessValues): readonly (number | null)[] {
  return certain.has(shape.how) ? values : nothing(shape.quantity);
}

const certain: ReadonlySet<How> = new Set([how.written, how.values, how.rollup, how.state]);

function readValues(record: AuditRecord, outcome: Fields, { how: came, quantity }: Shape): (number | null)[] {
  if (came === how.values) return numbersIn(outcome["values"], quantity);
  const values = came === how.rollup ? record["values"] : undefined;
  return numbersIn(isFields(values) ? values["last"] : undefined, quantity);
}

/** What a write puts there. Of a mask only where it was known what stood before. MODBUS V1.1b3 § 6.16 */
function writtenValues(access: Fields, before: readonly (number | null)[]): (number | null)[] {
  const { mask } = access;
  if (!isFields(mask)) return numbersIn(access["values"], before.length);
  const { and, or } = mask;
  if (typeof and !== "number" || typeof or !== "number") return nothing(before.length);
  return before.map((word) => (word === null ? null : ((word & and) | (or & ~and)) & 0xffff));
}

function numbersIn(value: JsonValue | undefined, quantity: number): (number | null)[] {
  const list = listOf(value);
  return Array.from({ length: bounded(quantity) }, (_, index) => {
    const item = list[index];
    return typeof item === "number" ? item : null;
  });
}

function nothing(quantity: number): (number | null)[] {
  return Array.from({ length: bounded(quantity) }, () => null);
}

/** A PDU holds no more bits than that; a record that says more is none of the log's. MODBUS V1.1b3 § 4.1 */
function bounded(quantity: number): number {
  return Math.min(quantity, 2048);
}
