import type { LogReader } from "../read/log-reader.ts";
import type { JsonValue } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import type { IndexReader } from "./index-reader.ts";
import { recordAt } from "./intent.ts";
import { how, isFields, listOf, type Shape, textsOf } from "./shape.ts";

/** Steps of approvals that are looked through. One is used just before what it was for is sent. */
const MOST = 16;

/** The id of the approval that a permitted request has used, if any: the transaction follows its `used`. */
export function approvalOf(
  reader: IndexReader,
  log: LogReader,
  transaction: AuditRecord,
  { device, table, address, quantity }: Shape,
): string | undefined {
  const { decision } = transaction;
  if (!isFields(decision) || decision["permit"] !== true) return undefined;
  if (device === null || table === null) return undefined;
  const place = { device, table, addresses: { first: address, last: address + Math.max(0, quantity - 1) } };
  const terms = reader
    .shapes({ ...place, how: [how.approval] })
    .filter((shape) => shape.address === address && shape.quantity === quantity)
    .map(({ id }) => id);
  let left = MOST;
  for (const seq of reader.having(terms, {}, { newestFirst: true, beforeSeq: transaction.seq })) {
    const step = recordAt(log, seq);
    if (step !== undefined && isUsedFor(step, transaction, textsOf(decision["rules"]))) {
      return typeof step["approval"] === "string" ? step["approval"] : undefined;
    }
    left -= 1;
    if (left === 0) return undefined;
  }
  return undefined;
}

function isUsedFor(step: AuditRecord, { subject, accesses }: AuditRecord, rules: readonly string[]): boolean {
  const asked = listOf(step["rules"]).filter(isFields);
  return (
    step["event"] === "used" &&
    idOf(step["subject"]) === idOf(subject) &&
    same(step["accesses"], accesses) &&
    asked.some(({ id }) => typeof id === "string" && rules.includes(id))
  );
}

function idOf(subject: JsonValue | undefined): JsonValue | undefined {
  return isFields(subject) ? subject["id"] : undefined;
}

function same(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
