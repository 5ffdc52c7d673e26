import type { Access, Because, Explanation, Table } from "@modwarden/access";
import { mergeRanges, type Range } from "../language/range.ts";
import type { FunctionText, RangeText } from "../language/text.ts";
import { rangeText } from "../learn/entry.ts";
import { hostOf } from "../learn/not-covered.ts";
import type { Observation } from "../observation.ts";

/** Requests of the past that are one thing to a person: the same role, device, function, point and reason. */
export interface ReplayGroup {
  readonly role: string | null;
  /** Addresses of the clients, the first few. */
  readonly clients: readonly string[];
  readonly device: string | null;
  readonly unit: number;
  readonly function: FunctionText;
  readonly write: boolean;
  readonly table: Table | null;
  readonly point?: string;
  /** What was refused, or would have been: registers, coils, or records. The first ranges of it. */
  readonly addresses: readonly RangeText[];
  /** Why it was, or would be, refused. */
  readonly because?: Because;
  readonly count: number;
  /** RFC 3339. */
  readonly first: string;
  readonly last: string;
  readonly example: ReplayExample;
}

/** One request of a group, and what the new policy says of it. */
export interface ReplayExample {
  readonly time: string;
  readonly subject: string | null;
  readonly source?: string;
  readonly transport: string;
  readonly accesses: readonly Access[];
  readonly explanation: Explanation;
}

const MOST_GROUPS = 1_000;
const MOST_CLIENTS = 5;
const MOST_RANGES = 64;

interface Kept {
  readonly group: ReplayGroup;
  readonly clients: Set<string>;
  ranges: readonly Range[];
  count: number;
  firstMs: number;
  lastMs: number;
}

/** Groups, bounded: further kinds are counted together. */
export class Groups {
  readonly #kept = new Map<string, Kept>();
  #count = 0;
  #more = 0;

  get count(): number {
    return this.#count;
  }

  /** Requests of kinds for which there was no room. */
  get more(): number {
    return this.#more;
  }

  add(observation: Observation, explanation: Explanation, because: Because | undefined): void {
    const { question, count, firstMs, lastMs } = observation;
    this.#count += count;
    const { functionCode, subfunction, device, unit, accesses } = question;
    const role = question.subject === null ? null : question.role;
    const code = subfunction === undefined ? functionCode : `${functionCode}/${subfunction}`;
    const element = explanation.firstUncovered;
    const access = accessOf(accesses, element);
    const write = accesses.some((one) => one.write);
    const table = access?.table ?? null;
    const point = element?.point ?? access?.points?.[0];
    const key = JSON.stringify([role, device, unit, code, table, point, because]);
    const range = rangeOfElement(access, element);
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      if (this.#kept.size >= MOST_GROUPS) {
        this.#more += count;
        return;
      }
      const group = {
        ...{ role, clients: [], device, unit, function: code, write, table, addresses: [], count: 0 },
        ...(point === undefined ? {} : { point }),
        ...(because === undefined ? {} : { because }),
        ...{ first: "", last: "", example: exampleOf(observation, explanation) },
      };
      kept = { group, clients: new Set(), ranges: [], count: 0, firstMs, lastMs };
      this.#kept.set(key, kept);
    }
    kept.count += count;
    kept.firstMs = Math.min(kept.firstMs, firstMs);
    kept.lastMs = Math.max(kept.lastMs, lastMs);
    if (question.source !== undefined && kept.clients.size < MOST_CLIENTS) kept.clients.add(hostOf(question.source));
    if (range !== undefined && kept.ranges.length < MOST_RANGES) kept.ranges = mergeRanges([...kept.ranges, range]);
  }

  /** The most frequent first. */
  get list(): readonly ReplayGroup[] {
    return [...this.#kept.values()]
      .sort((left, right) => right.count - left.count)
      .map(({ group, clients, ranges, count, firstMs, lastMs }) => ({
        ...group,
        clients: [...clients],
        addresses: ranges.map(rangeText),
        count,
        first: timeOf(firstMs),
        last: timeOf(lastMs),
      }));
  }
}

function exampleOf({ question, lastMs }: Observation, explanation: Explanation): ReplayExample {
  const { subject, source, transport, accesses } = question;
  return {
    ...{ time: timeOf(lastMs), subject },
    ...(source === undefined ? {} : { source }),
    ...{ transport, accesses, explanation },
  };
}

function accessOf(accesses: readonly Access[], element: Explanation["firstUncovered"]): Access | undefined {
  const found = accesses.find(
    ({ table, address, quantity }) =>
      element !== undefined &&
      table === element.table &&
      element.address >= address &&
      element.address < address + quantity,
  );
  return found ?? accesses.find(({ write }) => write) ?? accesses[0];
}

/** The element that is refused; where nothing is, all that was asked. */
function rangeOfElement(access: Access | undefined, element: Explanation["firstUncovered"]): Range | undefined {
  if (access === undefined || (access.table === null && access.quantity === 0)) return undefined;
  if (element !== undefined) return { start: element.address, end: element.address };
  return { start: access.address, end: access.address + access.quantity - 1 };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
