import type { Transaction } from "@modwarden/access";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactJson } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import { parseCef, parseCsvLine, parseZeekLine } from "../testing/export-parsers.ts";
import { recordOf, refusedWrite, transactionRecord } from "../testing/export-records.ts";
import { anyTransaction } from "../testing/transactions.ts";
import { cefLine } from "./cef.ts";
import { csvLine } from "./csv.ts";
import { ocsfLine } from "./ocsf.ts";
import { columns, rowsOf } from "./rows.ts";
import { zeekRows } from "./zeek.ts";
import { zeekJsonLine, zeekLine } from "./zeek-format.ts";
import { zeekLogs } from "./zeek-logs.ts";

const context = { log: "L0G", version: "0.1.0" };

/** What somebody would put into a name so that one record reads like two, or acts on whoever looks. */
const hostile = [
  "a\nb",
  "a\r\nb",
  '{"seq":2}\n{"seq":3}',
  "\u001b[2J\u001b]0;owned\u0007",
  "\u009b31m",
  "'\"`",
  "a\\",
  "\\n",
  "\\u000a",
  "\\x0a",
  "a|b\\|c",
  "CEF:0|x|y|z|1|n|9|act=permitted",
  "a=b act=permitted outcome=success",
  " outcome=success",
  "a\tb",
  "#fields\tts",
  "-",
  "(empty)",
  "a,b",
  "=cmd|' /C calc'!A0",
  "+1",
  "-1",
  "@SUM(1)",
  "\t=1",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u0000",
  "\u202eevil",
  "\ufeff",
  "\ud800",
  "\udc00\ud800",
  "😀é中",
  "",
  " ",
  "x".repeat(1000),
];

/** Nothing that ends a line for any reader, or acts on a terminal; a tab only where it is the separator. */
function expectOneLine(line: string, separator = ""): void {
  expect(line.replaceAll(separator, "")).not.toMatch(
    /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u,
  );
}

/** Every format of a record is one line for each thing it says, and reads back to the same texts. */
function check(
  record: AuditRecord,
  expected: { readonly subject: string | null; readonly points: readonly string[] },
): void {
  for (const line of [cefLine(record, context), ocsfLine(record, context), compactJson(record)]) expectOneLine(line);
  const subject = expected.subject ?? undefined;

  const { header, extension } = parseCef(cefLine(record, context));
  expect(header).toHaveLength(7);
  expect(extension["suser"]).toBe(subject === "" ? undefined : subject);
  expect(extension["cs1"] === undefined ? [] : JSON.parse(extension["cs1"])).toEqual(expected.points);
  expect(extension["externalId"]).toBe(String(record.seq));

  for (const row of rowsOf(record)) {
    const line = csvLine(row);
    expectOneLine(line.slice(0, -2));
    const cells = parseCsvLine(line);
    expect(cells).toEqual(row.map((cell) => (cell === null ? "" : String(cell))));
    expect(cells).toHaveLength(columns.length);
  }

  const ocsf = JSON.parse(ocsfLine(record, context)) as { unmapped: { modbus: { subject?: { id: string | null } } } };
  expect(ocsf.unmapped.modbus.subject?.id).toBe(expected.subject);

  for (const row of zeekRows(record, context)) {
    expectOneLine(zeekLine(row), "\t");
    expectOneLine(zeekJsonLine(row));
    const fields = parseZeekLine(zeekLine(row));
    expect(fields).toHaveLength(zeekLogs[row.log].length);
    if (row.log !== "modwarden") continue;
    const at = zeekLogs.modwarden.findIndex(({ name }) => name === "subject");
    expect(fields[at]).toBe(subject);
    expect(JSON.parse(zeekJsonLine(row))).toMatchObject(subject === undefined ? {} : { subject });
  }
}

const mainPoints = ({ accesses }: Transaction): readonly string[] =>
  (accesses.find(({ write }) => write) ?? accesses[0])?.points ?? [];

describe("text that a client or device sets", () => {
  it.each(hostile.map((text) => [JSON.stringify(text).slice(0, 60), text]))(
    "stays one record in every format: %s",
    (_, text) => {
      const finding = { rule: text, severity: "high", evidence: text } as const;
      const transaction: Transaction = {
        ...refusedWrite,
        subject: { id: text, role: text, cert: text },
        location: { site: text, gateway: text, zone: text, source: text },
        operation: { function: 6, name: text },
        accesses: [{ ...refusedWrite.accesses[0]!, device: text, points: [text, text] }],
        decision: { permit: false, rules: [text], failed: text, policy: text },
        outcome: { latencyUs: 1, reason: text },
        findings: [finding],
      };
      check(transactionRecord(transaction), { subject: text, points: [text, text] });
      const subject = { id: text, role: text };
      check(recordOf("finding", { subject, location: { source: text }, device: text, finding }), {
        subject: text,
        points: [],
      });
      for (const kind of ["enrolment", "identity", "policy", "approval", "system", "rollup"] as const) {
        const record = recordOf(kind, {
          event: text,
          of: text,
          reason: text,
          key: text,
          what: text,
          source: text,
          [text === "" ? "x" : `x${text}`]: text,
          subject,
        });
        check(record, { subject: text, points: [] });
      }
    },
  );

  it("stays one record in every format, whatever it is", () => {
    fc.assert(
      fc.property(anyTransaction, (transaction) => {
        check(transactionRecord(transaction), { subject: transaction.subject.id, points: mainPoints(transaction) });
      }),
      { numRuns: 60 },
    );
  });
});
