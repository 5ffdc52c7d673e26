import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../read/records.ts";
import type { AuditRecord } from "../record/record.ts";
import { NOON, testLog } from "../testing/logs.ts";
import { appendMixed, devices, points, subjects } from "../testing/mixed-log.ts";
import { AuditIndex } from "./audit-index.ts";
import { matches, needsRecord, type SearchQuery } from "./query.ts";
import { countFound, type SearchPage, search } from "./search.ts";

/** A record as its JSON is, for looking into it without knowing its kind. */
interface Loose {
  readonly [key: string]: Loose | undefined;
}

const list = (value: Loose | undefined): readonly Loose[] => (Array.isArray(value) ? (value as readonly Loose[]) : []);
const lower = (value: string): string => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

interface Looked {
  readonly seq: number;
  readonly has: Readonly<Record<string, readonly unknown[]>>;
  readonly objects: readonly Thing[];
  readonly device: string | undefined;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

interface Thing {
  readonly device: string;
  readonly points: readonly string[];
  readonly table: string;
  readonly first: number;
  readonly end: number;
}

/** What a record says, taken from it once more and in another way: from its JSON, field by field. */
function lookedAt(record: AuditRecord): Looked {
  const {
    subject,
    by,
    who,
    event,
    id,
    role,
    operation,
    decision,
    because,
    rules,
    finding,
    findings,
    location,
    source,
    of,
    values,
    accesses,
    ...rest
  } = record as unknown as Loose;
  const { kind } = record;
  const people = [subject, by].filter((person) => typeof person === "object");
  const registry = kind === "identity" || kind === "enrolment";
  const place = location === undefined ? source : location["source"];
  const permitted = decision === undefined ? [] : [decision["permit"] ? "permitted" : "refused"];
  const objects = kind === "state" ? [record as unknown as Loose] : list(accesses);
  const time = (name: "from" | "to"): number => Date.parse(String(kind === "rollup" ? rest[name] : rest["t"]));
  return {
    seq: record.seq,
    has: {
      kind: [kind],
      event: [event],
      subject: [
        ...people.map((person) => person?.["id"]),
        ...list(who).map((asked) => asked["subject"]),
        ...(registry ? [id ?? undefined, by] : []),
      ],
      role: [
        ...people.map((person) => person?.["role"]),
        ...list(who).map((asked) => asked["role"]),
        ...(registry ? [role] : []),
      ],
      function: [operation?.["function"], ...list(who).map((asked) => asked["function"])],
      decision: String(of) === "refusals" ? ["refused"] : permitted,
      because: [because, decision?.["because"]],
      rule: [...list(decision?.["rules"]), ...list(rules).map((rule) => rule["id"])],
      finding: [finding?.["rule"], ...list(findings).map((found) => found["rule"])],
      severity: [finding?.["severity"], ...list(findings).map((found) => found["severity"])],
      source: [place, typeof place === "string" ? String(place).replace(/:\d+$/, "") : undefined],
    },
    objects: objects.map((object) => ({
      device: String(object["device"]),
      points: list(object["points"]).map(String),
      table: String(object["table"]),
      first: Number(object["address"]),
      end: Number(object["address"]) + (kind === "state" ? list(values).length : Number(object["quantity"])),
    })),
    device: rest["device"] === undefined ? undefined : String(rest["device"]),
    first: time("from"),
    last: time("to"),
    text: lower(JSON.stringify(record)),
  };
}

function fits(query: SearchQuery, { has, objects, device, first, last, text }: Looked): boolean {
  for (const [name, said] of Object.entries(has)) {
    const wanted = query[name as keyof SearchQuery];
    if (wanted !== undefined && !said.includes(wanted)) return false;
  }
  const { point, table, addresses } = query;
  if (query.device !== undefined || point !== undefined || table !== undefined || addresses !== undefined) {
    const hit = objects.some(
      (object) =>
        (query.device === undefined || object.device === query.device) &&
        (point === undefined || object.points.includes(point)) &&
        (table === undefined || object.table === table) &&
        (addresses === undefined || (object.first <= addresses.last && object.end > addresses.first)),
    );
    const only = point === undefined && table === undefined && addresses === undefined;
    if (!hit && !(only && device === query.device)) return false;
  }
  if (query.from !== undefined && last < query.from) return false;
  if (query.to !== undefined && first >= query.to) return false;
  return query.text === undefined || text.includes(lower(JSON.stringify(query.text).slice(1, -1)));
}

/** A block of the index, and some. */
const RECORDS = 4500;
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 4 });
// Whole minutes: Date.parse knows no microseconds.
const time = maybe(fc.integer({ min: -2, max: RECORDS / 60 + 2 }).map((minute) => NOON + 60_000 * minute - 1));
const anyQuery = fc
  .record({
    from: time,
    to: time,
    subject: maybe(fc.constantFrom(...subjects, "ada", "nobody-else")),
    role: maybe(fc.constantFrom("Operator", null)),
    source: maybe(fc.constantFrom("10.0.0.1", "10.0.0.2:1", "10.0.0.3:9")),
    kind: maybe(fc.constantFrom("transaction", "rollup", "identity", "state", "approval")),
    event: maybe(fc.constantFrom("revoked", "looked")),
    device: maybe(fc.constantFrom(...devices.filter((device) => device !== null))),
    point: maybe(fc.constantFrom(...points)),
    table: maybe(fc.constantFrom("holding" as const, "coil" as const)),
    addresses: maybe(fc.tuple(fc.nat(42), fc.nat(3)).map(([first, more]) => ({ first, last: first + more }))),
    function: maybe(fc.constantFrom(3, 6, 16)),
    decision: maybe(fc.constantFrom("permitted" as const, "refused" as const)),
    because: maybe(fc.constantFrom("max", "route")),
    rule: maybe(fc.constantFrom("a", "c")),
    finding: maybe(fc.constantFrom("burst", "order")),
    severity: maybe(fc.constantFrom("low", "high")),
    text: maybe(fc.constantFrom("SETPOINT", 'évidence "7', "É", "a1b2", "no such text", "")),
  })
  .chain((all) => {
    const names = Object.keys(all) as (keyof typeof all)[];
    return fc.subarray(names, { maxLength: 4 }).map((kept) => {
      const query = kept.filter((name) => all[name] !== undefined).map((name) => [name, all[name]] as const);
      return Object.fromEntries(query) as SearchQuery;
    });
  });

const folder = mkdtempSync(`${tmpdir()}/modwarden-audit-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = testLog(folder);
let parsed: readonly AuditRecord[] = [];
let records: readonly Looked[] = [];
const empty = new Uint8Array();

/** All that is found, page by page. */
function all(index: AuditIndex, query: SearchQuery, newestFirst: boolean, limit: number): number[] {
  const found: number[] = [];
  for (let range: SearchPage["next"] = {}; range !== undefined; ) {
    const page: SearchPage = search(index, query, { newestFirst, limit, mostRead: 1500, ...range });
    expect(page.found.length).toBeLessThanOrEqual(limit);
    expect(page.damaged).toEqual([]);
    found.push(...page.found.map(({ seq }) => seq));
    range = page.next;
  }
  return found;
}

/** In one go, or as a log grows: what was added each time is looked up at once. */
function build(): void {
  const writer = log.open({ segmentBytes: 512 * 1024 });
  appendMixed(writer, RECORDS / 3, 1);
  const index = new AuditIndex({ dir: log.dir });
  index.update();
  const other = new AuditIndex({ dir: log.dir });
  appendMixed(writer, RECORDS / 3, 2);
  other.update();
  expect(other.status).toMatchObject({ records: writer.size, damaged: 0 });
  for (let part = 3; part < 6; part++) {
    appendMixed(writer, RECORDS / 9, part);
    index.update();
    expect(countFound(index, { kind: "log" })).toBe(1);
  }
  for (const opened of [index, other]) opened.close();
  while (writer.maintain()) expect(writer.state).toBe("open");
  writer.close();
}

describe("search", () => {
  beforeAll(() => {
    build();
    parsed = [...readRecords(log.dir)];
    records = parsed.map(lookedAt);
  }, 60_000);

  it("finds by the index what a scan of all records finds, in both orders and by pages", () => {
    const index = new AuditIndex({ dir: log.dir });
    index.update();
    expect(index.status).toMatchObject({ records: records.length, damaged: 0 });
    let hits = 0;
    fc.assert(
      fc.property(anyQuery, fc.boolean(), fc.integer({ min: 30, max: 100 }), (query, newestFirst, limit) => {
        const found = records.filter((record) => fits(query, record)).map(({ seq }) => seq);
        const expected = newestFirst ? found.toReversed() : found;
        if (found.length > 0 && found.length < records.length / 2) hits++;
        if (!needsRecord(query)) {
          expect(index.reading((reader) => [...reader.find(query, { newestFirst })])).toEqual(expected);
          expect(countFound(index, query)).toBe(expected.length);
        }
        // A record that is looked at by itself, without the index, fits or not as well.
        for (let seq = limit; seq < records.length; seq += 211) {
          const { text: _text, ...words } = query;
          expect(matches(words, parsed[seq]!, empty)).toBe(fits(words, records[seq]!));
        }
        // The records themselves take longer to read than the index.
        if (found.length < 250) expect(all(index, query, newestFirst, limit)).toEqual(expected);
      }),
      { numRuns: 35 },
    );
    // A property over questions that find nothing would say little.
    expect(hits).toBeGreaterThan(7);
    index.close();
  });
});
