import { accessesOf, type Table, type Transport } from "@modwarden/access";
import { encodePoint, type Point } from "@modwarden/profile";
import { functionCodeOf, type Request, subfunctionOf } from "@modwarden/protocol";
import fc from "fast-check";
import type { EntryText, PolicyFile, Question, RangeText, RuleText } from "../index.ts";
import { arbitraryQuestion } from "./arbitrary-question.ts";
import { devices } from "./site.ts";

type Pick = <Value>(from: readonly Value[]) => Value;

/**
 * Questions of which about half are permitted: by chance alone most are about what no rule mentions, and a comparison
 * in which everybody says no compares little. Each is made to fit one entry of one permit, or is any question.
 */
export function fittingQuestion(file: PolicyFile): fc.Arbitrary<Question> {
  const permits = file.rules.flatMap((rule) => (rule.allow ?? []).map((entry) => ({ rule, entry })));
  if (permits.length === 0) return arbitraryQuestion;
  const fitting = fc.gen().map((generate) => {
    const pick: Pick = (from) => from[generate(fc.nat, { max: Math.max(0, from.length - 1) })]!;
    const { rule, entry } = pick(permits);
    return fit(file, rule, entry, pick);
  });
  return fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 1, arbitrary: arbitraryQuestion });
}

const places = [
  ...devices.map(({ id, unit }) => ({ device: id, unit })),
  { device: null, unit: 3 },
  { device: null, unit: 0 },
];

function fit(file: PolicyFile, rule: RuleText, entry: EntryText, pick: Pick): Question {
  const named = rule.permit?.roles ?? "*";
  const possible = places.filter(
    ({ device, unit }) =>
      (rule.devices?.includes(device ?? "") ?? true) &&
      (rule.units?.some((range) => inRange(range, unit)) ?? (unit !== 0 || rule.devices !== undefined)) &&
      (entry.functions !== undefined || profileOf(device) !== undefined),
  );
  const { device, unit } = pick(possible.length === 0 ? places : possible);
  const profile = profileOf(device);
  const request =
    entry.functions === undefined ? pointRequest(entry, device, pick) : functionRequest(entry, entry.functions, pick);
  const subfunction = subfunctionOf(request);
  return {
    subject: "a",
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

function functionRequest(entry: EntryText, functions: NonNullable<EntryText["functions"]>, pick: Pick): Request {
  const [code, subfunction = 0] = String(pick(functions)).split("/").map(Number);
  const [start, end] = String(pick(entry.addresses ?? ["0-27"]))
    .split("-")
    .map(Number);
  const address = pick([start!, end ?? start!, Math.floor((start! + (end ?? start!)) / 2)]);
  const length = pick([1, 1, 2, (end ?? start!) - address + 1]);
  const value = () => limitedWord(entry, pick);
  return requestOf(code!, subfunction, address, Math.max(1, length), value, entry.mask, pick);
}

/** A word that the limits of a functions entry let through, mostly. */
function limitedWord(entry: EntryText, pick: Pick): number {
  const word = pick([...(entry.values ?? []), entry.min ?? 1, entry.max ?? 2, 1, 2, 100, 256]);
  return pick([word, word & (entry.mask ?? 65_535)]);
}

function pointRequest(entry: EntryText, device: string | null, pick: Pick): Request {
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
  const words = wordsOf(entry, point, pick);
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
    case 43:
      return { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 };
    default:
      return { kind: "user-defined", functionCode: code, data: new Uint8Array(0) };
  }
}
