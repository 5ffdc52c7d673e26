import { decodePoint, type Point } from "@modwarden/profile";
import { interlocksOf } from "../../language/check-when.ts";
import type { InterlockText, RuleText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { comparable } from "../../rules/interlock.ts";
import { exactRaw, orderedBounds } from "./bounds.ts";
import { atLeast, atMost, isFloat, orderedFloat, orderedRaw } from "./raw.ts";
import { allOf, anyOf, cedarSet, cedarString } from "./text.ts";

interface Found {
  readonly device: PolicyDevice;
  readonly point: Point;
  /** Bit of the whole value. */
  readonly bit?: number;
}

/** The point that an interlock means for a request to `asked`. */
export function interlockPoint(
  { point: text }: InterlockText,
  asked: PolicyDevice | undefined,
  devices: readonly PolicyDevice[],
): Found | undefined {
  const [first = "", ...rest] = text.split(".");
  const named = rest.length === 0 ? undefined : devices.find(({ id }) => id === first);
  const device = named ?? asked;
  const [name, bitName] = named === undefined ? [first, ...rest] : rest;
  const point = device?.profile?.points.find(({ id }) => id === name);
  if (device === undefined || point === undefined) return undefined;
  if (bitName === undefined) return { device, point };
  const bit = [...point.bits].find(([, known]) => known === bitName)?.[0] ?? Number(bitName);
  return { device, point, bit };
}

/** What is known of it: its value as a whole number in order, and how old the oldest of its registers is. */
export function interlockFact(
  { device, point, bit }: Found,
  known: (table: Point["table"], address: number) => { readonly value: number; readonly ageMs: number } | undefined,
): { readonly value: bigint; readonly ageMs: number } | undefined {
  let ageMs = 0;
  const reading = decodePoint(device.profile!, point, (table, address) => {
    const register = known(table, address);
    ageMs = Math.max(ageMs, register?.ageMs ?? 0);
    return register?.value;
  });
  if (reading.quality !== "good" || reading.value === null) return undefined;
  const words = Array.from({ length: point.count }, (_, index) => known(point.table, point.address + index)!.value);
  const value = bit === undefined ? wholeOf(point, reading.value, words) : bitOf(point, words, bit);
  return value === undefined ? undefined : { value, ageMs };
}

function wholeOf(
  point: Point,
  value: number | bigint | boolean | string,
  words: readonly number[],
): bigint | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (inEngineeringUnits(point)) return orderedFloat(comparable({ point }, Number(value)), false);
  return orderedRaw(point, words);
}

/** Floats, and points whose scale stands in a register, have no fixed whole number. */
function inEngineeringUnits(point: Point): boolean {
  return isFloat(point) || typeof point.scale !== "number";
}

function bitOf(point: Point, words: readonly number[], bit: number): bigint {
  const turned = point.order === "CDAB" || point.order === "DCBA" ? [...words].reverse() : words;
  const bytes = turned.flatMap((word) => (point.order === "BADC" || point.order === "DCBA" ? swap(word) : word));
  const whole = bytes.reduce((sum, word) => sum * 65_536n + BigInt(word), 0n);
  return (whole / 2n ** BigInt(bit)) % 2n;
}

function swap(word: number): number {
  return (word % 256) * 256 + Math.floor(word / 256);
}

/** Of a permit every interlock has to hold; a forbid counts unless one is known not to. */
export function interlocksText(
  rule: RuleText,
  reached: readonly PolicyDevice[],
  devices: readonly PolicyDevice[],
): string | undefined {
  const forbids = rule.forbid !== undefined;
  const parts = interlocksOf(rule.when?.interlock).map((interlock) => {
    const fact = `context.known[${cedarString(interlock.point)}]`;
    const fresh = `context has known && context.known has ${cedarString(interlock.point)} && ${fact}.ageMs <= ${interlock.maxAgeMs}`;
    const condition = conditionText(interlock, fact, reached, devices);
    return forbids ? `(if ${fresh} then ${condition} else true)` : `${fresh} && ${condition}`;
  });
  return parts.length === 0 ? undefined : allOf(parts);
}

/** The same text may mean points of several devices, which have bounds of their own. */
function conditionText(
  interlock: InterlockText,
  fact: string,
  reached: readonly PolicyDevice[],
  devices: readonly PolicyDevice[],
): string {
  const texts = new Map<string, string[]>();
  for (const device of reached) {
    const found = interlockPoint(interlock, device, devices);
    if (found === undefined) continue;
    const text = comparison(interlock, found, `${fact}.value`);
    texts.set(text, [...(texts.get(text) ?? []), device.id]);
  }
  if (texts.size === 0) {
    const found = interlockPoint(interlock, undefined, devices);
    return found === undefined ? "false" : comparison(interlock, found, `${fact}.value`);
  }
  if (texts.size === 1) return [...texts.keys()][0]!;
  return anyOf(
    [...texts].map(([text, ids]) => `(resource has device && ${cedarSet(ids)}.contains(resource.device) && ${text})`),
  );
}

function comparison({ equals, not, min, max, values }: InterlockText, { point, bit }: Found, fact: string): string {
  const isBit = bit !== undefined || point.type === "bool" || point.table === "coil" || point.table === "discrete";
  const ordered = (value: number): bigint | undefined => orderedFloat(comparable({ point }, value), false);
  const raw = (value: number | boolean): bigint | undefined => {
    if (isBit) return Number.isInteger(Number(value)) ? BigInt(Number(value)) : undefined;
    return inEngineeringUnits(point) ? ordered(Number(value)) : exactRaw(point, Number(value));
  };
  const bounds = isBit
    ? {
        least: min === undefined ? undefined : BigInt(Math.ceil(min)),
        most: max === undefined ? undefined : BigInt(Math.floor(max)),
      }
    : inEngineeringUnits(point)
      ? {
          least: min === undefined ? undefined : ordered(min),
          most: max === undefined ? undefined : ordered(max),
        }
      : orderedBounds(point, min, max);
  const equal = (value: number | boolean) => {
    const number = raw(value);
    return number === undefined ? "false" : `${fact} == ${number}`;
  };
  const text = allOf([
    equals === undefined ? undefined : equal(equals),
    not === undefined || raw(not) === undefined ? undefined : `${fact} != ${raw(not)}`,
    bounds.least === undefined ? undefined : atLeast(fact, bounds.least),
    bounds.most === undefined ? undefined : atMost(fact, bounds.most),
    values && `${cedarSet(values.flatMap((value) => raw(value) ?? []))}.contains(${fact})`,
  ]);
  return text.includes("&&") ? `(${text})` : text;
}
