import type { Access } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { decodeValue } from "@modwarden/protocol";
import type { Question } from "../../decide/question.ts";
import { interlocksOf } from "../../language/check-when.ts";
import type { LabelText, PolicyFile } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { floatPrecision } from "../../rules/step.ts";
import { interlockFact, interlockPoint } from "./interlock.ts";
import { moveName } from "./limits.ts";
import { isFloat, orderedFloat } from "./raw.ts";
import { localTime } from "./time.ts";
import type { CedarRecord } from "./value.ts";

/** Facts about the moment that are the same for every element of a question. */
export function momentFacts(question: Question, file: PolicyFile, devices: readonly PolicyDevice[]): CedarRecord {
  const { atMs, moment, subject } = question;
  const rules = file.rules.filter((rule) => rule.mode !== "shadow");
  const zones = atMs === undefined ? [] : rules.flatMap(({ when }) => when?.tz ?? []);
  const asked = devices.find(({ id }) => id === question.device);
  const known = rules
    .flatMap(({ when }) => interlocksOf(when?.interlock))
    .flatMap((interlock) => {
      const found = interlockPoint(interlock, asked, devices);
      if (found === undefined || moment === undefined) return [];
      const fact = interlockFact(found, (table, address) => moment.known(found.device.id, table, address));
      return fact === undefined ? [] : [[interlock.point, fact] as const];
    });
  const tokens = rules.flatMap(({ id, rate }) => {
    if (rate === undefined || moment === undefined || subject === null) return [];
    const bucket = { rule: id, burst: rate.burst ?? rate.requests, perMs: rate.requests / rate.perSeconds / 1000 };
    return moment.hasToken(bucket, subject) ? [id] : [];
  });
  const approved = rules.flatMap(({ id, approval }) =>
    approval !== undefined && moment?.approved(id, question) === true ? [id] : [],
  );
  return {
    ...(zones.length === 0
      ? {}
      : { local: Object.fromEntries([...new Set(zones)].map((zone) => [zone, localTime(atMs!, zone)])) }),
    ...(known.length === 0 ? {} : { known: Object.fromEntries(known) }),
    ...(tokens.length === 0 ? {} : { tokens }),
    ...(approved.length === 0 ? {} : { approved }),
  };
}

/** What the policy asks of how a write moves things: nothing else is worth finding out for every element. */
export interface MoveQuestions {
  /** Registers by themselves. */
  readonly registers: boolean;
  readonly points: readonly (string | LabelText)[];
  /** Seconds that slew limits are about. */
  readonly spans: readonly number[];
}

export function moveQuestions(file: PolicyFile): MoveQuestions {
  const entries = file.rules.flatMap(({ allow }) => allow ?? []).filter(({ maxStep }) => maxStep !== undefined);
  return {
    registers: entries.some(({ functions }) => functions !== undefined),
    points: entries.flatMap(({ write }) => write ?? []),
    spans: [...new Set(entries.flatMap(({ perSeconds }) => perSeconds ?? []))],
  };
}

/** Undefined is a register by itself. */
export function isMoved({ registers, points }: MoveQuestions, point: Point | undefined): boolean {
  if (point === undefined) return registers;
  return points.some((named) => (typeof named === "string" ? point.id === named : point.labels.includes(named.label)));
}

/** How far a write would move its register, and the points it belongs to. */
export function moveFacts(
  access: Access,
  address: number,
  points: readonly Point[],
  { moment }: Question,
  questions: MoveQuestions,
): CedarRecord {
  const { device, table } = access;
  if (!access.write || device === null || table === null || moment === undefined) return {};
  const move: Record<string, { by: bigint; ageMs: number }> = {};
  const slew: Record<string, bigint> = {};
  for (const point of [undefined, ...points].filter((one) => isMoved(questions, one))) {
    const start = point?.address ?? address;
    const registers = Array.from({ length: point?.count ?? 1 }, (_, index) =>
      moment.known(device, table, start + index),
    );
    const words = registers.flatMap((register) => register?.value ?? []);
    const after = wordsAfter(access, start, words);
    if (words.length < registers.length || after === undefined) continue;
    const [before, value] = [numberOf(point, words), numberOf(point, after)];
    if (before === undefined || value === undefined) continue;
    const ageMs = Math.max(...registers.map((register) => register?.ageMs ?? 0));
    move[moveName(point)] = { by: distance(point, before, value), ageMs };
    for (const seconds of questions.spans) {
      const extremes = moment.extremes(device, table, start, seconds * 1000);
      if (extremes === undefined) continue;
      const [fromLeast, fromMost] = [extremes.least, extremes.most].map((before) => distance(point, before, value));
      slew[moveName(point, seconds)] = farther(fromLeast!, fromMost!);
    }
  }
  return {
    ...(Object.keys(move).length === 0 ? {} : { move }),
    ...(Object.keys(slew).length === 0 ? {} : { slew }),
  };
}

/** The words that the write leaves. MODBUS Application Protocol V1.1b3 § 6.16: (current AND and) OR (or AND NOT and). */
function wordsAfter(access: Access, start: number, words: readonly number[]): readonly number[] | undefined {
  const { mask, values } = access;
  if (mask === undefined) {
    const at = start - access.address;
    const after = values?.slice(at, at + words.length);
    return at < 0 || after?.length !== words.length ? undefined : after;
  }
  return words.length === 1 ? [((words[0]! & mask.and) | (mask.or & ~mask.and)) & 0xffff] : undefined;
}

function numberOf(point: Point | undefined, words: readonly number[]): number | bigint | undefined {
  if (point === undefined || point.type === "bool" || point.table === "coil") return words[0]!;
  try {
    const value = decodeValue(point.type, point.order, Uint16Array.from(words), 0, point.count);
    if (typeof value === "bigint") return value;
    return typeof value === "number" && (isFloat(point) || Number.isInteger(value)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Of floats what is left of it when each is as exact as its type can be, as an ordered number. */
function distance(point: Point | undefined, before: number | bigint, value: number | bigint): bigint {
  const precision = floatPrecision(point);
  if (precision !== undefined) {
    const [from, to] = [Number(before), Number(value)];
    // NaN where one of them is infinite: then it is as far as can be.
    return orderedFloat(Math.abs(to - from) - (Math.abs(from) + Math.abs(to)) * precision, false) ?? 2n ** 63n - 1n;
  }
  const difference = BigInt(value) - BigInt(before);
  const size = difference < 0n ? -difference : difference;
  return size < 2n ** 63n ? size : 2n ** 63n - 1n;
}

/** Math.max takes no bigint. */
function farther(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}
