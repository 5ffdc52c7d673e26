import { z } from "zod";
import { IdentityError } from "../errors.ts";
import { isIdentityId } from "../names.ts";
import { parseRegistrationKey } from "../registration-key.ts";
import { isShortText } from "./options.ts";

/** One key that a device made itself: its token, or the fingerprint of its public key. */
export interface ImportEntry {
  /** The line of the file it stood in, from 1. */
  readonly line: number;
  /** A registration key. */
  readonly key?: string;
  /** SHA-256 of the SubjectPublicKeyInfo, 64 hex digits. */
  readonly publicKey?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly name?: string;
  readonly role?: string;
  readonly unit?: number;
}

/** Far more than a factory ships at once. */
export const MAX_IMPORT = 100_000;
const COLUMNS = ["key", "serial", "model", "name", "role", "unit"] as const;
type Column = (typeof COLUMNS)[number];

const shortText = z.string().refine(isShortText);
export const importEntry: z.ZodType<ImportEntry> = z.strictObject({
  line: z.int().min(1),
  key: z.string().max(256).exactOptional(),
  publicKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
  serial: shortText.exactOptional(),
  model: shortText.exactOptional(),
  name: z.string().refine(isIdentityId).exactOptional(),
  role: z.string().min(1).max(64).exactOptional(),
  unit: z.int().min(1).max(247).exactOptional(),
});

/**
 * Reads a list of keys: one a line, a registration key or a fingerprint (`sha256/<base64>`, `SHA256:<hex>`) of the
 * SubjectPublicKeyInfo. A first line `key,serial,…` names columns, in any order, of key, serial, model, name, role,
 * unit; without it a line may go on with a serial number. Empty lines and `#` are let pass. Error: ERR_KEY_FILE, with
 * the line's number and never its text. `onProgress` hears of every thousandth line.
 */
export function parseKeyImport(text: string, onProgress?: (lines: number) => void): readonly ImportEntry[] {
  const entries: ImportEntry[] = [];
  const seen = new Map<string, number>();
  let columns: readonly Column[] = ["key", "serial"];
  let first = true;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    if (line % 1000 === 0) onProgress?.(line);
    const trimmed = raw.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const fields = fieldsOf(trimmed, line);
    if (first && fields.includes("key")) {
      columns = fields.map((name) => COLUMNS.find((column) => column === name) ?? bad(line, "a column is not known"));
      if (new Set(columns).size !== columns.length) bad(line, "a column is named twice");
    } else {
      const entry = entryOf(fields, columns, line);
      const what = entry.key === undefined ? entry.publicKey : parseRegistrationKey(entry.key).id;
      const before = seen.get(what ?? "");
      if (before !== undefined) bad(line, `it is the key of line ${before} again`);
      seen.set(what ?? "", line);
      entries.push(entry);
      if (entries.length > MAX_IMPORT) bad(line, `a file has ${MAX_IMPORT} keys at most`);
    }
    first = false;
  }
  if (entries.length === 0) throw new IdentityError("ERR_KEY_FILE", "there is no key in the file");
  return entries;
}

function entryOf(fields: readonly string[], columns: readonly Column[], line: number): ImportEntry {
  if (fields.length > columns.length) bad(line, `it has more than ${columns.length} fields`);
  const value = (column: Column): string | undefined => {
    const text = fields[columns.indexOf(column)];
    return text === "" ? undefined : text;
  };
  const [serial, model, name, role, unit] = (["serial", "model", "name", "role", "unit"] as const).map(value);
  if (unit !== undefined && !/^\d{1,3}$/.test(unit)) bad(line, "a unit is a whole number from 1 to 247");
  const parsed = importEntry.safeParse({
    line,
    ...keyIn(value("key") ?? "", line),
    ...(serial === undefined ? {} : { serial }),
    ...(model === undefined ? {} : { model }),
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(unit === undefined ? {} : { unit: Number(unit) }),
  });
  if (parsed.success) return parsed.data;
  return bad(line, `its ${String(parsed.error.issues[0]?.path[0] ?? "form")} cannot be one`);
}

function keyIn(text: string, line: number): Pick<ImportEntry, "key" | "publicKey"> {
  const base64 = /^sha256\/([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  if (base64 !== undefined) return { publicKey: Buffer.from(base64, "base64").toString("hex") };
  const hex = /^sha256:([0-9a-f:]{64,95})$/i.exec(text)?.[1]?.replaceAll(":", "").toLowerCase();
  if (hex !== undefined) return hex.length === 64 ? { publicKey: hex } : bad(line, "a fingerprint has 64 hex digits");
  try {
    parseRegistrationKey(text);
  } catch (error) {
    if (error instanceof IdentityError) bad(line, error.message);
    throw error;
  }
  return { key: text };
}

/** A line of CSV: fields with a comma stand in quotes, a quote in them is doubled. RFC 4180 */
function fieldsOf(line: string, number: number): readonly string[] {
  if (!line.includes('"')) return line.split(",").map((field) => field.trim());
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/gy;
  for (let at = 0; at <= line.length; at = field.lastIndex) {
    field.lastIndex = at;
    const match = field.exec(line);
    if (match === null) bad(number, "its quotes do not close");
    fields.push((match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? "").trim());
    if (match?.[3] === "") break;
  }
  return fields;
}

function bad(line: number, why: string): never {
  throw new IdentityError("ERR_KEY_FILE", `line ${line}: ${why}`);
}
