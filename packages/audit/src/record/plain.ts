import { recordKinds } from "./record.ts";

/*
 * A fast look at a record's line. It knows the plain form that nearly every record has: ASCII without escapes, whole
 * numbers, no deep nesting. What is not plain is judged by `parseRecord`, which takes many times as long; what is
 * found plain here, `parseRecord` takes as well.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Not plain. */
const NO = -1;
/** Deeper nesting than any record of the log's own has. */
const MOST_DEPTH = 12;
/** Keys of the objects that are open at a time. */
const MOST_KEYS = 128;
/** Whole numbers of so many digits are written by JavaScript as they were read. */
const MOST_DIGITS = 15;

/** 1 for bytes that stand in a string as they are: printable ASCII but the quote and the backslash. */
const AS_IT_IS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
const SEQ: Buffer = Buffer.from('{"seq":');
const AFTER_SEQ: Buffer = Buffer.from(',"t":"');
/** A time is of this form, with any digit where a 0 stands. */
const TIME: Buffer = Buffer.from("0000-00-00T00:00:00.000000Z");
const AFTER_TIME: Buffer = Buffer.from('","kind":"');
const KINDS: readonly Buffer[] = recordKinds.map((kind) => Buffer.from(`${kind}"`));
const WORDS: readonly Buffer[] = ["true", "false", "null"].map((word) => Buffer.from(word));

/** The keys of the objects that are open, those of the innermost last. */
const keyStart = new Int32Array(MOST_KEYS);
const keyLength = new Int32Array(MOST_KEYS);
/** By depth: a bit for each key of the object that is open there, so that most keys are seen to be new at once. */
const keysSeen = new Int32Array(MOST_DEPTH + 1);

/** Whether the line (without LF) is certainly one that the log would write as record `seq`. */
export function isPlainRecord(line: Uint8Array, seq: number): boolean {
  const afterSeq = number(line, literal(line, 0, SEQ));
  if (afterSeq === NO || wholeAt(line, SEQ.length, afterSeq) !== seq) return false;
  const time = literal(line, afterSeq, AFTER_SEQ);
  const afterTime = literal(line, timeEnd(line, time), AFTER_TIME);
  const end = firstOf(line, afterTime, KINDS);
  if (end === NO) return false;
  keysSeen[0] = 0;
  addKey(line, 0, 0, SEQ.length - 5, 3);
  addKey(line, 1, 0, time - 4, 1);
  addKey(line, 2, 0, afterTime - 7, 4);
  return restOfObject(line, end, 0, 3, 0) === line.length;
}

/** Each of these takes the place where something begins and returns that behind its end, or NO. */

function value(line: Uint8Array, at: number, keys: number, depth: number): number {
  const first = line[at]!;
  if (first === QUOTE) return string(line, at);
  if ((first >= ZERO && first <= NINE) || first === MINUS) return number(line, at);
  if (first === OPEN_OBJECT) return object(line, at, keys, depth + 1);
  if (first === OPEN_LIST) return list(line, at, keys, depth + 1);
  return firstOf(line, at, WORDS);
}

function string(line: Uint8Array, at: number): number {
  let end = at + 1;
  while (AS_IT_IS[line[end]!] === 1) end++;
  return line[end] === QUOTE ? end + 1 : NO;
}

function number(line: Uint8Array, at: number): number {
  if (at === NO) return NO;
  const from = line[at] === MINUS ? at + 1 : at;
  let end = from;
  while (line[end]! >= ZERO && line[end]! <= NINE) end++;
  const digits = end - from;
  // Zero has one digit and no sign.
  const canonical = line[from] === ZERO ? digits === 1 && from === at : digits > 0;
  return canonical && digits <= MOST_DIGITS ? end : NO;
}

function list(line: Uint8Array, at: number, keys: number, depth: number): number {
  if (line[at + 1] === CLOSE_LIST) return at + 2;
  if (depth > MOST_DEPTH) return NO;
  for (let next = at + 1; ; next++) {
    next = value(line, next, keys, depth);
    if (next === NO || line[next] === CLOSE_LIST) return next === NO ? NO : next + 1;
    if (line[next] !== COMMA) return NO;
  }
}

function object(line: Uint8Array, at: number, keys: number, depth: number): number {
  if (line[at + 1] === CLOSE_OBJECT) return at + 2;
  if (depth > MOST_DEPTH || keys >= MOST_KEYS) return NO;
  keysSeen[depth] = 0;
  const end = member(line, at + 1, keys, keys, depth);
  return end === NO ? NO : restOfObject(line, end, keys, keys + 1, depth);
}

/** Behind a member, to the end of its object. Keys from `first` on are the object's. */
function restOfObject(line: Uint8Array, at: number, first: number, keys: number, depth: number): number {
  let next = at;
  for (let known = keys; line[next] === COMMA; known++) {
    if (known >= MOST_KEYS) return NO;
    next = member(line, next + 1, first, known, depth);
    if (next === NO) return NO;
  }
  return line[next] === CLOSE_OBJECT ? next + 1 : NO;
}

function member(line: Uint8Array, at: number, first: number, keys: number, depth: number): number {
  if (line[at] !== QUOTE) return NO;
  const end = string(line, at);
  if (end === NO || line[end] !== COLON) return NO;
  const start = at + 1;
  const length = end - 1 - start;
  // A key that is a number would be moved to the front by whoever reads it.
  if (line[start]! >= ZERO && line[start]! <= NINE) return NO;
  if ((keysSeen[depth]! & bitOf(line, start, length)) !== 0) {
    for (let other = first; other < keys; other++) {
      if (keyLength[other] === length && same(line, keyStart[other]!, start, length)) return NO;
    }
  }
  addKey(line, keys, depth, start, length);
  return value(line, end + 1, keys + 1, depth);
}

function addKey(line: Uint8Array, index: number, depth: number, start: number, length: number): void {
  keyStart[index] = start;
  keyLength[index] = length;
  keysSeen[depth]! |= bitOf(line, start, length);
}

/** The same key has the same bit. */
function bitOf(line: Uint8Array, start: number, length: number): number {
  return 1 << (line[start]! + 11 * length);
}

function same(line: Uint8Array, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (line[one + index] !== line[other + index]) return false;
  return true;
}

function literal(line: Uint8Array, at: number, text: Uint8Array): number {
  if (at === NO) return NO;
  for (let index = 0; index < text.length; index++) if (line[at + index] !== text[index]) return NO;
  return at + text.length;
}

function firstOf(line: Uint8Array, at: number, texts: readonly Uint8Array[]): number {
  for (const text of texts) {
    const end = literal(line, at, text);
    if (end !== NO) return end;
  }
  return NO;
}

function timeEnd(line: Uint8Array, at: number): number {
  if (at === NO) return NO;
  for (let index = 0; index < TIME.length; index++) {
    const byte = line[at + index]!;
    const fits = TIME[index] === ZERO ? byte >= ZERO && byte <= NINE : byte === TIME[index];
    if (!fits) return NO;
  }
  return at + TIME.length;
}

function wholeAt(line: Uint8Array, start: number, end: number): number {
  let whole = 0;
  for (let at = start; at < end; at++) whole = 10 * whole + line[at]! - ZERO;
  return whole;
}
