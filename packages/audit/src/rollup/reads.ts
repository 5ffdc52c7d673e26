import { createHash, type Hash } from "node:crypto";
import type { Transaction } from "@modwarden/access";
import { compactJson, numeral, quote } from "../record/json.ts";
import { formatTime } from "../record/time.ts";
import { accessText, locationText, operationText, serialiseTransaction, subjectText } from "../record/transaction.ts";
import { sourceHost } from "./source-host.ts";

const MINUTE_MS = 60_000;

interface Tuple {
  /** The parts of the record that do not change within it. */
  readonly head: string;
  readonly minute: number;
  count: number;
  latencyMin: number;
  latencyMax: number;
  latencySum: number;
  readonly min: number[];
  readonly max: number[];
  readonly last: number[];
  readonly digest: Hash;
}

export interface RollupOptions {
  /** Tuples at a time; reads of further ones are recorded singly, and counted. Default 4096. */
  readonly maxTuples?: number;
}

/**
 * Rolls permitted reads of one tuple (subject, source address, transport, unit, device, function, table, address,
 * quantity, and the rules that permitted it) up into one record per minute: how many, how long they took, and per
 * register the smallest, largest and last value. The digest is SHA-256 over all values returned, in order, each as two
 * bytes, most significant first.
 */
export class RollupTable {
  readonly #tuples = new Map<string, Tuple>();
  readonly #maxTuples: number;
  #overflow = 0;
  #bytes: Buffer = Buffer.alloc(250);

  constructor(options?: RollupOptions) {
    this.#maxTuples = options?.maxTuples ?? 4096;
  }

  /** Reads that were recorded singly because the table was full. */
  get overflow(): number {
    return this.#overflow;
  }

  get tuples(): number {
    return this.#tuples.size;
  }

  /** Only an ordinary answer to a permitted read, with nothing to notice about it, may be rolled up. */
  static accepts(transaction: Transaction): boolean {
    const { accesses, decision, outcome, findings } = transaction;
    const plain = outcome.exception === undefined && outcome.result === undefined && findings.length === 0;
    return plain && decision.permit && decision.shadow === undefined && accesses.length === 1 && !accesses[0]!.write;
  }

  /**
   * Takes a read that `accepts` and what it returned (raw u16, or 0 and 1). `nowMs` in milliseconds since 1970.
   * Returns undefined, or the body of a record that must be written at once because the table has no room for it.
   */
  add(nowMs: number, transaction: Transaction, values: ArrayLike<number>): string | undefined {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const key = keyOf(transaction, minute);
    let tuple = this.#tuples.get(key);
    if (tuple === undefined) {
      if (this.#tuples.size >= this.#maxTuples) {
        this.#overflow++;
        return serialiseTransaction(formatTime(nowMs), transaction);
      }
      tuple = newTuple(transaction, minute);
      this.#tuples.set(key, tuple);
    }
    this.#count(tuple, transaction.outcome.latencyUs, values);
    return undefined;
  }

  /** Bodies of the records of all minutes that are over; with `all` of the running one too, before a stop. */
  flush(nowMs: number, all?: boolean): string[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const bodies: string[] = [];
    for (const [key, tuple] of this.#tuples) {
      if (tuple.minute === minute && all !== true) continue;
      this.#tuples.delete(key);
      bodies.push(bodyOf(nowMs, tuple));
    }
    return bodies;
  }

  #count(tuple: Tuple, latencyUs: number, values: ArrayLike<number>): void {
    tuple.count++;
    tuple.latencyMin = Math.min(tuple.latencyMin, latencyUs);
    tuple.latencyMax = Math.max(tuple.latencyMax, latencyUs);
    tuple.latencySum += latencyUs;
    if (this.#bytes.length < 2 * values.length) this.#bytes = Buffer.alloc(2 * values.length);
    const { min, max, last } = tuple;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (index >= last.length || value < min[index]!) min[index] = value;
      if (index >= last.length || value > max[index]!) max[index] = value;
      last[index] = value;
      this.#bytes.writeUInt16BE(value, 2 * index);
    }
    tuple.digest.update(this.#bytes.subarray(0, 2 * values.length));
  }
}

function keyOf(transaction: Transaction, minute: number): string {
  const { subject, location, method, operation, accesses, decision } = transaction;
  const { device, unit, table, file, address, quantity } = accesses[0]!;
  // The free texts are quoted, so that no two tuples can have one key.
  return (
    `${minute} ${unit} ${operation.function} ${operation.subfunction} ${table} ${file} ${address} ${quantity} ${method.transport} ` +
    `${quote(sourceHost(location.source))}${quote(subject.id ?? "")}${quote(subject.role ?? "")}${quote(subject.cert ?? "")}` +
    `${quote(device ?? "")}${decision.policy}${decision.rules.length === 1 ? quote(decision.rules[0]!) : compactJson(decision.rules)}`
  );
}

function newTuple(transaction: Transaction, minute: number): Tuple {
  const { subject, location, method, operation, accesses, decision } = transaction;
  const { values: _values, ...access } = accesses[0]!;
  const { permit, rules, policy } = decision;
  const head =
    `"subject":${subjectText(subject)},"location":${locationText({ ...location, source: sourceHost(location.source) })}` +
    `,"method":{"transport":${quote(method.transport)}},"operation":${operationText(operation)}` +
    `,"accesses":[${accessText(access)}],"decision":{"permit":${permit},"rules":${compactJson(rules)},"policy":${quote(policy)}}`;
  return {
    head,
    minute,
    count: 0,
    latencyMin: Number.POSITIVE_INFINITY,
    latencyMax: 0,
    latencySum: 0,
    min: [],
    max: [],
    last: [],
    digest: createHash("sha256"),
  };
}

function bodyOf(nowMs: number, tuple: Tuple): string {
  const { head, minute, count, latencyMin, latencyMax, latencySum, min, max, last, digest } = tuple;
  return (
    `"t":"${formatTime(nowMs)}","kind":"rollup","of":"reads","from":"${formatTime(minute * MINUTE_MS)}"` +
    `,"to":"${formatTime(Math.min((minute + 1) * MINUTE_MS, nowMs))}",${head},"count":${count}` +
    `,"latencyUs":{"min":${numeral(latencyMin)},"max":${numeral(latencyMax)},"sum":${numeral(latencySum)}}` +
    `,"values":${compactJson({ min, max, last })},"digest":"${digest.digest("hex")}"}`
  );
}
