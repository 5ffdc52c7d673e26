/** Numbers as people of the field read them. */
import type { Table } from "../api/wire.ts";

const tablePrefix: Readonly<Record<Table, string>> = { coil: "0", discrete: "1", input: "3", holding: "4" };
const tableLetter: Readonly<Record<Table, string>> = { coil: "C", discrete: "D", input: "I", holding: "H" };

/** The 1-based number that manuals print: 40010, and with six digits where five do not reach, 450010. */
export function manualAddress(table: Table, address: number): string {
  const number = String(address + 1);
  return tablePrefix[table] + number.padStart(number.length > 4 ? 5 : 4, "0");
}

/** The 0-based address on the wire with the letter of its table: `0x0009 H`. */
function wireAddress(table: Table, address: number): string {
  return `0x${hexWord(address)} ${tableLetter[table]}`;
}

/** Both notations, so that nobody has to guess which one a number is in: `40010 / 0x0009 H`. */
export function bothAddresses(table: Table, address: number): string {
  return `${manualAddress(table, address)} / ${wireAddress(table, address)}`;
}

export function hexWord(word: number): string {
  return word.toString(16).toUpperCase().padStart(4, "0");
}

export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Registers as four hex digits each, bits as they are. */
export function rawText(table: Table, raw: readonly number[]): string {
  const bits = table === "coil" || table === "discrete";
  return raw.map((word) => (bits ? String(word) : hexWord(word))).join(" ");
}

/** The raw text of any number; of a text, which is longer, how it begins and how many words there are more. */
export function wordsText(table: Table, raw: readonly number[]): string {
  return raw.length > 4 ? `${rawText(table, raw.slice(0, 3))} +${raw.length - 3}` : rawText(table, raw);
}

/** Roughly how long ago, in at most six characters. */
export function ageText(ms: number): string {
  if (ms < 950) return `${Math.max(0, Math.round(ms / 100)) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.round(hours / 24)} d`;
}

export function latencyText(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  const ms = us / 1000;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});

/** The time of day here, to the millisecond; the text itself when it is no time. */
export function clockText(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : clock.format(time);
}

const grouped = new Intl.NumberFormat("en-GB");

/** 20 312 with thin groups would break in narrow columns, so 20,312. */
export function countText(count: number): string {
  return grouped.format(count);
}

/** The first few values, and how many there are more. */
export function valuesText(values: readonly number[], most: number): string {
  const shown = values.slice(0, most).join(" ");
  return values.length > most ? `${shown} +${values.length - most}` : shown;
}
