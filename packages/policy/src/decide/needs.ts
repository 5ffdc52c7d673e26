import type { Access, Table } from "@modwarden/access";
import type { Coverage } from "../rules/coverage.ts";
import { addressOf, firstElement, lastElement } from "../rules/elements.ts";
import { interlockPoint } from "../rules/interlock.ts";
import type { IntervalTable } from "../rules/interval-table.ts";
import { type Circumstances, failureOf, forbids } from "./failure.ts";
import type { Need } from "./moment.ts";
import type { Question } from "./question.ts";
import { extent } from "./step-state.ts";

/** Collects what has to be known before a question can be decided: of rules that nothing else keeps from counting. */
export class Needs {
  readonly #question: Question;
  readonly #circumstances: Circumstances;
  readonly #needs = new Map<string, Need>();

  constructor(question: Question, circumstances: Circumstances) {
    this.#question = question;
    this.#circumstances = circumstances;
  }

  get list(): readonly Need[] {
    return [...this.#needs.values()];
  }

  /** What the coverages of one access want; `circumstances` are those of a screening. */
  add(table: IntervalTable, access: Access): void {
    const first = firstElement(this.#question.functionCode, access);
    if (first < 0) return;
    const last = lastElement(access, first);
    for (let block = table.block(first); ; block += 1) {
      for (let at = table.offsets[block]!; at < table.offsets[block + 1]!; at += 1) {
        this.#cover(table.items[table.references[at]!]!, access, first, last);
      }
      if (table.starts[block + 1]! > last) return;
    }
  }

  #cover(coverage: Coverage, access: Access, first: number, last: number): void {
    const start = Math.max(first, coverage.start);
    const end = Math.min(last, coverage.end);
    if (start > end || !coverage.stateful) return;
    if (coverage.rule.forbid) {
      this.#circumstances.depends = false;
      forbids(coverage, this.#circumstances);
      if (this.#circumstances.depends) this.#interlocks(coverage);
      return;
    }
    for (let element = start; element <= end; element += 1) {
      const address = addressOf(access, first, element);
      if (failureOf(coverage, access, address, this.#circumstances) !== "later") continue;
      this.#interlocks(coverage);
      const { limits } = coverage;
      if (limits?.step === undefined || access.device === null || access.table === null) continue;
      const { start: from, count } = extent(limits, address);
      this.#need(access.device, access.table, from, count, limits.step.maxAgeMs);
    }
  }

  #interlocks({ rule }: Coverage): void {
    const { device } = this.#question;
    for (const interlock of rule.interlocks ?? []) {
      const { stated } = interlock;
      const found = interlockPoint(interlock, device);
      if (found === undefined) continue;
      const { point, profile } = found;
      this.#need(found.device, point.table, point.address, point.count, stated.maxAgeMs);
      const scale = typeof point.scale === "number" ? undefined : profile.point(point.scale.point);
      if (scale !== undefined) this.#need(found.device, scale.table, scale.address, scale.count, stated.maxAgeMs);
    }
  }

  #need(device: string, table: Table, address: number, quantity: number, maxAgeMs: number): void {
    const name = `${table} ${address} ${quantity} ${device}`;
    const known = this.#needs.get(name);
    if (known !== undefined && known.maxAgeMs <= maxAgeMs) return;
    this.#needs.set(name, { device, table, address, quantity, maxAgeMs });
  }
}
