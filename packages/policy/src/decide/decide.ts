import type { Access, Explanation } from "@modwarden/access";
import type { Coverage } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { addressOf, firstElement, lastElement } from "../rules/elements.ts";
import type { IntervalTable } from "../rules/interval-table.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Scope, Scopes } from "../rules/scope.ts";
import { findTable } from "../rules/side.ts";
import { type SubjectClasses, UNKNOWN_CLASS } from "../rules/subject-class.ts";
import type { Explainer } from "./explain.ts";
import { Circumstances, type Failure, failureOf, forbids, nearness, partlyTouched } from "./failure.ts";
import type { Need } from "./moment.ts";
import { Needs } from "./needs.ts";
import type { Question } from "./question.ts";

/** One element of an access that is not permitted, and why: at most one of `forbid` and `nearest`. */
export interface Refusal {
  readonly access: Access;
  /** An address, or of a file the record. */
  readonly address: number;
  readonly forbid?: Coverage;
  readonly nearest?: { readonly coverage: Coverage; readonly failure: Exclude<Failure, "later"> };
}

export interface DeciderParts {
  readonly scopes: Scopes;
  readonly classes: SubjectClasses;
  readonly roles: readonly string[];
  readonly explainer: Explainer;
}

/**
 * Decides questions. A request is permitted only if every element of every access is covered by a permit whose
 * conditions hold and touched by no forbid; forbid beats permit, and the order of the rules never matters.
 * A permit costs binary searches and no object of its own.
 */
export class Decider {
  readonly #scopes: Scopes;
  readonly #classes: SubjectClasses;
  readonly #roles: ReadonlyMap<string, number>;
  readonly #explainer: Explainer;
  readonly #circumstances = new Circumstances();
  /** Indexes of the permits used so far, each once, in the order of their first use; mostly there is one. */
  #first = NONE;
  readonly #more: number[] = [];
  /** The device that the question in hand is about. */
  #device: PolicyDevice | undefined;

  constructor(parts: DeciderParts) {
    this.#scopes = parts.scopes;
    this.#classes = parts.classes;
    this.#roles = new Map(parts.roles.map((role, index) => [role, index]));
    this.#explainer = parts.explainer;
  }

  decide(question: Question): Explanation {
    this.#circumstances.begin(question, false);
    return this.#decide(question);
  }

  /** What no moment can change; undefined when the moment decides. */
  screen(question: Question): Explanation | undefined {
    this.#circumstances.begin(question, true);
    const explanation = this.#decide(question);
    return explanation.because === undefined && explanation.shadow === undefined && this.#circumstances.depends
      ? undefined
      : explanation;
  }

  needs(question: Question): readonly Need[] {
    const scope = this.#scopeOf(question);
    if (scope === undefined) return [];
    this.#circumstances.begin(question, true);
    const needs = new Needs(question, this.#circumstances);
    for (const access of question.accesses) {
      this.#circumstances.partlyTouched = partlyTouched(this.#device, access);
      for (const side of [scope.forbids, scope.permits]) {
        const table = findTable(side, question.functionCode, question.subfunction, access.table, access.write);
        if (table !== undefined) needs.add(table, access);
      }
    }
    return needs.list;
  }

  #decide(question: Question): Explanation {
    const { accesses } = question;
    const scope = this.#scopeOf(question);
    if (scope === undefined) return this.#explainer.refused(question, undefined);
    if (scope.forbids !== undefined) {
      for (const access of accesses) {
        const refusal = this.#forbidden(scope, question, access);
        if (refusal !== undefined) return this.#explainer.refused(question, refusal);
      }
    }
    // A holder that is not in the registry is the NULL role, whatever its certificate says.
    if (question.subject === null || question.role === null) return this.#explainer.unknownSubject(question);
    this.#first = NONE;
    this.#more.length = 0;
    for (const access of accesses) {
      const refusal = this.#uncovered(scope, question, access);
      if (refusal !== undefined) return this.#explainer.refused(question, refusal);
    }
    return this.#explainer.permitted(this.#first, this.#more);
  }

  /** Undefined: there is nothing that could be permitted. Notes the device. */
  #scopeOf(question: Question): Scope | undefined {
    const { accesses, unit, device } = question;
    const isUnit = Number.isInteger(unit) && unit >= 0 && unit <= 255;
    // No access at all must not pass as "every access is covered".
    if (accesses.length === 0 || !isUnit) return undefined;
    const target = device === null ? undefined : this.#scopes.target(device);
    this.#device = target?.device;
    // A device has one address.
    if (target !== undefined && target.device.unit !== unit) return undefined;
    const everyoneElse = this.#roles.size;
    const role = question.subject === null ? null : question.role;
    const index = role === null ? everyoneElse : (this.#roles.get(role) ?? everyoneElse);
    const subjectClass = this.#classes.classOf(question);
    if (subjectClass === UNKNOWN_CLASS) return undefined;
    return (target?.set ?? this.#scopes.unit(unit)).scope(index, subjectClass);
  }

  /** The first element that a forbid touches. */
  #forbidden(scope: Scope, question: Question, access: Access): Refusal | undefined {
    const table = findTable(scope.forbids, question.functionCode, question.subfunction, access.table, access.write);
    if (table === undefined) return undefined;
    const first = firstElement(question.functionCode, access);
    if (first < 0) return undefined;
    const last = lastElement(access, first);
    for (let block = table.block(first); ; block += 1) {
      const start = Math.max(first, table.starts[block]!);
      const end = Math.min(last, table.end(block));
      const hit = this.#firstHit(table, block, start, end);
      if (hit !== undefined) {
        return { access, address: addressOf(access, first, Math.max(start, hit.start)), forbid: hit };
      }
      if (end === last) return undefined;
    }
  }

  #firstHit(table: IntervalTable, block: number, start: number, end: number): Coverage | undefined {
    let first: Coverage | undefined;
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const item = table.items[table.references[at]!]!;
      if (item.start > end || item.end < start || !forbids(item, this.#circumstances)) continue;
      if (first === undefined || Math.max(start, item.start) < Math.max(start, first.start)) first = item;
    }
    return first;
  }

  /** The first element that no permit covers. */
  #uncovered(scope: Scope, question: Question, access: Access): Refusal | undefined {
    const table = findTable(scope.permits, question.functionCode, question.subfunction, access.table, access.write);
    const first = firstElement(question.functionCode, access);
    if (table === undefined || first < 0) return { access, address: access.address };
    const circumstances = this.#circumstances;
    circumstances.partlyTouched = access.write ? partlyTouched(this.#device, access) : undefined;
    const last = lastElement(access, first);
    let element = first;
    for (let block = table.block(element); element <= last; block += 1) {
      const end = Math.min(last, table.end(block));
      const free = circumstances.partlyTouched === undefined ? table.freeOf(block, circumstances.transport) : NONE;
      if (free !== NONE) {
        this.#use(free);
        element = end + 1;
        continue;
      }
      for (; element <= end; element += 1) {
        const address = addressOf(access, first, element);
        if (!this.#covers(table, block, access, element, address)) {
          return this.#nearest(table, block, access, element, address);
        }
      }
    }
    return undefined;
  }

  /** A permit that uses something up (a token, an approval) is used only when no other covers the element. */
  #covers(table: IntervalTable, block: number, access: Access, element: number, address: number): boolean {
    let spending: CompiledRule | undefined;
    let later = false;
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const item = table.items[table.references[at]!]!;
      if (element < item.start || element > item.end) continue;
      const failure = failureOf(item, access, address, this.#circumstances);
      if (failure === "later") later = true;
      else if (failure === undefined) {
        if (item.rule.rate === undefined && item.rule.approval === undefined) {
          this.#use(item.rule.index);
          return true;
        }
        spending ??= item.rule;
      }
    }
    if (spending !== undefined) this.#use(spending.index);
    else if (later) this.#circumstances.depends = true;
    return spending !== undefined || later;
  }

  /** The coverage that failed last; of several the first in the file. */
  #nearest(table: IntervalTable, block: number, access: Access, element: number, address: number): Refusal {
    let nearest: Refusal["nearest"];
    for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
      const coverage = table.items[table.references[at]!]!;
      if (element < coverage.start || element > coverage.end) continue;
      const failure = failureOf(coverage, access, address, this.#circumstances);
      if (failure === undefined || failure === "later") continue;
      if (nearest === undefined || nearness(failure) > nearness(nearest.failure)) nearest = { coverage, failure };
    }
    return nearest === undefined ? { access, address } : { access, address, nearest };
  }

  #use(rule: number): void {
    if (this.#first === NONE) this.#first = rule;
    else if (this.#first !== rule && !this.#more.includes(rule)) this.#more.push(rule);
  }
}

const NONE = -1;
