import type { Access, Explanation } from "@modwarden/access";
import type { Coverage } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import type { IntervalTable } from "../rules/interval-table.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { findTable, type Scope, type Scopes } from "../rules/scope.ts";
import type { Explainer } from "./explain.ts";
import { Circumstances, type Failure, failureOf, nearness, partlyTouched } from "./failure.ts";
import type { Question } from "./question.ts";

/** One element of an access that is not permitted, and why: at most one of `forbid` and `nearest`. */
export interface Refusal {
  readonly access: Access;
  readonly address: number;
  readonly forbid?: Coverage;
  readonly nearest?: { readonly coverage: Coverage; readonly failure: Failure };
}

export interface DeciderParts {
  readonly scopes: Scopes;
  readonly roles: readonly string[];
  readonly devices: readonly PolicyDevice[];
  readonly explainer: Explainer;
}

/**
 * Decides questions. A request is permitted only if every element of every access is covered by a permit whose
 * conditions hold and touched by no forbid; forbid beats permit, and the order of the rules never matters.
 * A permit costs binary searches and no object of its own.
 */
export class Decider {
  readonly #scopes: Scopes;
  readonly #roles: ReadonlyMap<string, number>;
  readonly #devices: ReadonlyMap<string, PolicyDevice>;
  readonly #explainer: Explainer;
  readonly #circumstances = new Circumstances();
  /** The permits used so far, each once, in the order of their first use. */
  readonly #used: CompiledRule[] = [];

  constructor(parts: DeciderParts) {
    this.#scopes = parts.scopes;
    this.#roles = new Map(parts.roles.map((role, index) => [role, index]));
    this.#devices = new Map(parts.devices.map((device) => [device.id, device]));
    this.#explainer = parts.explainer;
  }

  decide(question: Question): Explanation {
    const { accesses, unit } = question;
    // A holder that is not in the registry is the NULL role, whatever its certificate says.
    const role = question.subject === null ? null : question.role;
    const everyoneElse = this.#roles.size;
    const device = question.device === null ? undefined : this.#devices.get(question.device);
    const isUnit = Number.isInteger(unit) && unit >= 0 && unit <= 255;
    // No access at all must not pass as "every access is covered", and a device has one address.
    if (accesses.length === 0 || !isUnit || (device !== undefined && device.unit !== unit)) {
      return this.#explainer.refused(question, undefined);
    }
    const index = role === null ? everyoneElse : (this.#roles.get(role) ?? everyoneElse);
    const scope = this.#scopes.scope(question.device, unit, index);
    this.#circumstances.begin(question);
    for (const access of accesses) {
      const refusal = this.#forbidden(scope, question, access);
      if (refusal !== undefined) return this.#explainer.refused(question, refusal);
    }
    if (role === null) return this.#explainer.unknownSubject(question);
    this.#used.length = 0;
    for (const access of accesses) {
      const refusal = this.#uncovered(scope, question, access, device);
      if (refusal !== undefined) return this.#explainer.refused(question, refusal);
    }
    return this.#explainer.permitted(this.#used);
  }

  /** The first element that a forbid touches. */
  #forbidden(scope: Scope, question: Question, access: Access): Refusal | undefined {
    const table = findTable(scope.forbids, question.functionCode, question.subfunction, access.table, access.write);
    if (table === undefined || !isSound(access)) return undefined;
    const last = lastAddress(access);
    for (let block = table.block(access.address); ; block += 1) {
      const start = Math.max(access.address, table.starts[block]!);
      const end = Math.min(last, table.starts[block + 1]! - 1);
      const hit = this.#firstHit(table, block, start, end);
      if (hit !== undefined) return { access, address: Math.max(start, hit.start), forbid: hit };
      if (end === last) return undefined;
    }
  }

  #firstHit(table: IntervalTable, block: number, start: number, end: number): Coverage | undefined {
    let first: Coverage | undefined;
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const item = table.items[table.references[at]!]!;
      if (item.start > end || item.end < start) continue;
      if (!this.#circumstances.sourceHolds(item) || !this.#circumstances.transportHolds(item)) continue;
      if (first === undefined || Math.max(start, item.start) < Math.max(start, first.start)) first = item;
    }
    return first;
  }

  /** The first element that no permit covers. */
  #uncovered(scope: Scope, question: Question, access: Access, device: PolicyDevice | undefined): Refusal | undefined {
    const table = findTable(scope.permits, question.functionCode, question.subfunction, access.table, access.write);
    if (table === undefined || !isSound(access)) return { access, address: access.address };
    const circumstances = this.#circumstances;
    circumstances.partlyTouched = partlyTouched(device, access);
    const last = lastAddress(access);
    let address = access.address;
    for (let block = table.block(address); address <= last; block += 1) {
      const end = Math.min(last, table.starts[block + 1]! - 1);
      const free = circumstances.partlyTouched === undefined ? table.free[block]! : -1;
      if (free >= 0 && circumstances.transportHolds(table.items[free]!)) {
        this.#use(table.items[free]!.rule);
        address = end + 1;
        continue;
      }
      for (; address <= end; address += 1) {
        if (!this.#covers(table, block, access, address)) return this.#nearest(table, block, access, address);
      }
    }
    return undefined;
  }

  #covers(table: IntervalTable, block: number, access: Access, address: number): boolean {
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const item = table.items[table.references[at]!]!;
      if (address < item.start || address > item.end) continue;
      if (failureOf(item, access, address, this.#circumstances) !== undefined) continue;
      this.#use(item.rule);
      return true;
    }
    return false;
  }

  /** The coverage that failed last; of several the first in the file. */
  #nearest(table: IntervalTable, block: number, access: Access, address: number): Refusal {
    let nearest: { coverage: Coverage; failure: Failure } | undefined;
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const coverage = table.items[table.references[at]!]!;
      if (address < coverage.start || address > coverage.end) continue;
      const failure = failureOf(coverage, access, address, this.#circumstances);
      if (failure === undefined) continue;
      if (nearest === undefined || nearness(failure) > nearness(nearest.failure)) nearest = { coverage, failure };
    }
    return nearest === undefined ? { access, address } : { access, address, nearest };
  }

  #use(rule: CompiledRule): void {
    if (!this.#used.includes(rule)) this.#used.push(rule);
  }
}

/** An operation without registers is one element. */
function lastAddress(access: Access): number {
  return access.table === null ? access.address : access.address + access.quantity - 1;
}

/** Elements that cannot exist are covered by nothing, and no elements at all are no permit. */
function isSound(access: Access): boolean {
  if (access.table === null) return access.address === 0;
  return access.quantity >= 1 && access.address >= 0 && access.address + access.quantity <= 65536;
}
