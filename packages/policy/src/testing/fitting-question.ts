import { accessesOf, type Table, type Transport } from "@modwarden/access";
import { encodePoint, type Point } from "@modwarden/profile";
import { functionCodeOf, type Request, subfunctionOf } from "@modwarden/protocol";
import fc from "fast-check";
import type { EntryText, PolicyFile, RangeText, RuleText } from "../index.ts";
import { arbitraryQuestion } from "./arbitrary-question.ts";
import type { PlainQuestion } from "./naive.ts";
import { devices } from "./site.ts";

type Pick = <Value>(from: readonly Value[]) => Value;

/**
 * Questions of which about half are permitted: by chance alone most are about what no rule mentions, and a comparison
 * in which everybody says no compares little. Each is made to fit one entry of one permit, or is any question.
 */
export function fittingQuestion(file: PolicyFile): fc.Arbitrary<PlainQuestion> {
  const permits = file.rules.flatMap((rule) => (rule.allow ?? []).map((entry) => ({ rule, entry })));
  if (permits.length === 0) return arbitraryQuestion;
  const fitting = fc.tuple(fc.nat(), arbitraryQuestion).map(([seed, circumstances]) => {
    const pick = pickBy(seed);
    const { rule, entry } = pick(permits);
    return fit(file, rule, entry, circumstances, pick);
  });
  return fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 1, arbitrary: arbitraryQuestion });
}

/** Choices that a number stands for, so that a failing question can be made again. */
function pickBy(seed: number): Pick {
  let state = seed;
  return (from) => {
    // Numerical Recipes' linear congruence: its high bits are good enough to choose by.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return from[Math.floor((state / 2 ** 32) * from.length)]!;
  };
}

const places = [
  ...devices.map(({ id, unit }) => ({ device: id, unit })),
  { device: null, unit: 3 },
  { device: null, unit: 0 },
];

function fit(
  file: PolicyFile,
  rule: RuleText,
  entry: EntryText,
  circumstances: PlainQuestion,
  pick: Pick,
): PlainQuestion {
  const named = rule.permit?.roles ?? "*";
  const possible = places.filter(
    ({ device, unit }) =>
      (rule.devices?.includes(device ?? "") ?? true) &&
      (rule.units?.some((range) => inRange(range, unit)) ?? (unit !== 0 || rule.devices !== undefined)) &&
      (entry.functions !== undefined || profileOf(device) !== undefined),
  );
  const { device, unit } = pick(possible.length === 0 ? places : possible);
  const profile = profileOf(device);
  const known = (table: Table, address: number): number | undefined =>
    circumstances.moment?.plant.registers[`${device} ${table} ${address}`]?.value;
  const request =
    entry.functions === undefined
      ? pointRequest(entry, device, known, pick)
      : functionRequest(entry, entry.functions, known, pick);
  const subfunction = subfunctionOf(request);
  const { ids, tags, kinds } = rule.permit ?? {};
  const { atMs, moment } = circumstances;
  return {
    ...{
      kind: pick(kinds ?? ["client"]),
      tags: tags ?? [],
      listener: pick(rule.when?.listeners ?? ["modbus+tls://0.0.0.0:802"]),
    },
    ...(atMs === undefined ? {} : { atMs }),
    ...(moment === undefined ? {} : { moment }),
    subject: pick(ids ?? ["a"]),
    role: pick(named === "*" ? file.roles : named),
    unit,
    device,
    transport: pick(rule.when?.transports ?? (["tls", "tls", "tls", "tcp"] satisfies Transport[])),
    source: pick(["10.1.2.3:5000", "10.1.2.3", "192.168.1.7:1"]),
    functionCode: functionCodeOf(request),
    ...(subfunction === undefined ? {} : { subfunction }),
    accesses: accessesOf(request, profile === undefined ? { device, unit } : { device, unit, profile }),
  };
}

function profileOf(device: string | null) {
  return devices.find(({ id }) => id === device)?.profile;
}

function inRange(range: RangeText, value: number): boolean {
  const [start, end] = String(range).split("-").map(Number);
  return value >= start! && value <= (end ?? start!);
}

type Known = (table: Table, address: number) => number | undefined;

function functionRequest(
  entry: EntryText,
  functions: NonNullable<EntryText["functions"]>,
  known: Known,
  pick: Pick,
): Request {
  const [code, subfunction = 0] = String(pick(functions)).split("/").map(Number);
  const [start, end] = String(pick(entry.addresses ?? ["0-27"]))
    .split("-")
    .map(Number);
  const address = pick([start!, end ?? start!, Math.floor((start! + (end ?? start!)) / 2)]);
  const length = pick([1, 1, 2, Math.min(4, (end ?? start!) - address + 1)]);
  if (entry.files !== undefined && (code === 20 || code === 21)) return fileRequest(entry, entry.files, code, pick);
  let at = address;
  // A step is near to what is known to stand there.
  const before = () => known(code === 5 || code === 15 ? "coil" : "holding", at++);
  const value = () => (entry.maxStep === undefined ? limitedWord(entry, pick) : near(before(), entry.maxStep, pick));
  return requestOf(code!, subfunction, address, Math.max(1, length), value, entry.mask, pick);
}

function near(before: number | undefined, step: number, pick: Pick): number {
  return Math.min(65_535, Math.max(0, (before ?? 0) + pick([0, 1, -1, Math.ceil(step), -Math.ceil(step), 100])));
}

function fileRequest(entry: EntryText, files: readonly RangeText[], code: 20 | 21, pick: Pick): Request {
  const file = Number(String(pick(files)).split("-")[0]);
  const record = Number(String(pick(entry.records ?? ["0-9"])).split("-")[0]);
  return code === 20
    ? { kind: "read-file-record", records: [{ file, record, length: pick([1, 2]) }] }
    : { kind: "write-file-record", records: [{ file, record, values: Uint16Array.from(pick([[1], [1, 2]])) }] };
}

/** A word that the limits of a functions entry let through, mostly. */
function limitedWord(entry: EntryText, pick: Pick): number {
  const word = pick([...(entry.values ?? []), entry.min ?? 1, entry.max ?? 2, 1, 2, 100, 256]);
  return pick([word, word & (entry.mask ?? 65_535)]);
}

function pointRequest(entry: EntryText, device: string | null, known: Known, pick: Pick): Request {
  const named = entry.write ?? entry.read;
  const points = (profileOf(device)?.points ?? []).filter(
    ({ id, labels, table }) =>
      (typeof named === "string" ? id === named : named !== undefined && labels.includes(named.label)) &&
      (entry.write === undefined || table === "coil" || table === "holding"),
  );
  const point = pick(points);
  if (point === undefined) return { kind: "read-exception-status" };
  const { address, count, table } = point;
  if (entry.write === undefined) return requestOf(readingOf(table, pick), 0, address, count, () => 0, undefined, pick);
  const last = Array.from({ length: count }, (_, index) => known(table, address + index) ?? 0);
  const words =
    entry.maxStep === undefined
      ? wordsOf(entry, point, pick)
      : last.map((word, index) => (index === 0 ? near(word, pick([1, 3]), pick) : word));
  const codes = table === "coil" ? [5, 15] : count === 1 ? [6, 16, 22, 23] : [16];
  let at = 0;
  return requestOf(pick(codes), 0, address, count, () => words[at++]!, entry.mask, pick);
}

/** The words of a value that the limits let through, mostly. */
function wordsOf(entry: EntryText, point: Point, pick: Pick): readonly number[] {
  if (entry.mask !== undefined) return [pick([entry.mask, 0, 1, 2, 0x100])];
  const value = pick([...(entry.values ?? []), entry.min ?? 0, entry.max ?? 1, 1]);
  try {
    const text = point.type === "string" ? "abc" : value;
    return Array.from(encodePoint(profileOf("boiler")!, point, text, () => undefined));
  } catch {
    return Array.from({ length: point.count }, () => pick([0, 1, 2]));
  }
}

function readingOf(table: Table, pick: Pick): number {
  return { coil: 1, discrete: 2, holding: pick([3, 3, 23]), input: 4 }[table];
}

function requestOf(
  code: number,
  subfunction: number,
  address: number,
  quantity: number,
  value: () => number,
  mask: number | undefined,
  pick: Pick,
): Request {
  const words = () => Uint16Array.from({ length: quantity }, value);
  switch (code) {
    case 1:
      return { kind: "read-coils", address, quantity };
    case 2:
      return { kind: "read-discrete-inputs", address, quantity };
    case 3:
      return { kind: "read-holding-registers", address, quantity };
    case 4:
      return { kind: "read-input-registers", address, quantity };
    case 5:
      return { kind: "write-single-coil", address, value: value() !== 0 };
    case 6:
      return { kind: "write-single-register", address, value: value() };
    case 8:
      return { kind: "diagnostics", subFunction: subfunction, data: new Uint8Array(2) };
    case 15:
      return { kind: "write-multiple-coils", address, coils: Array.from(words(), (word) => word !== 0) };
    case 16:
      return { kind: "write-multiple-registers", address, values: words() };
    case 22:
      return { kind: "mask-write-register", address, andMask: 65_535 - (mask ?? 255), orMask: pick([0, 1, 65_535]) };
    case 23: {
      const values = words();
      return {
        kind: "read-write-multiple-registers",
        readAddress: address,
        readQuantity: quantity,
        writeAddress: address,
        values,
      };
    }
    case 20:
      return fileRequest({}, ["1-9"], 20, pick);
    case 21:
      return fileRequest({}, ["1-9"], 21, pick);
    case 24:
      return { kind: "read-fifo-queue", address };
    case 43:
      return { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 };
    default:
      return { kind: "user-defined", functionCode: code, data: new Uint8Array(0) };
  }
}
