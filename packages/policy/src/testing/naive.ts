import type { Access, Because } from "@modwarden/access";
import { encodePoint, type Point } from "@modwarden/profile";
import { decodeValue } from "@modwarden/protocol";
import type { EntryText, PolicyDevice, PolicyFile, Question, RangeText, RuleText } from "../index.ts";

/** The semantics of formats.md once more, as plainly as they can be written: element by element, rule by rule. */

export interface NaiveVerdict {
  readonly permit: boolean;
  readonly because?: Because;
  readonly rules?: readonly string[];
  readonly address?: number;
}

export function naiveDecision(file: PolicyFile, devices: readonly PolicyDevice[], question: Question): NaiveVerdict {
  const isNull = question.subject === null || question.role === null;
  const elements = question.accesses.flatMap((access) =>
    Array.from({ length: access.table === null ? 1 : access.quantity }, (_, index) => ({
      access,
      address: access.address + index,
    })),
  );
  const device = devices.find(({ id }) => id === question.device);
  if (elements.length === 0 || (device !== undefined && device.unit !== question.unit))
    return { permit: false, because: "no-permit" };
  for (const { access, address } of elements) {
    for (const rule of file.rules) {
      if (rule.forbid === undefined || !roleFits(rule, file, question)) continue;
      if (!targetFits(rule, devices, question) || conditionsOf(rule, access, question) !== undefined) continue;
      if (rule.deny?.some((entry) => isAbout(entry, true, devices, question, access, address))) {
        return { permit: false, because: "forbid", rules: [rule.id], address };
      }
    }
  }
  if (isNull) return { permit: false, because: "unknown-subject", address: elements[0]!.address };
  for (const { access, address } of elements) {
    const failures = file.rules
      .filter((rule) => rule.permit !== undefined && roleFits(rule, file, question))
      .filter((rule) => targetFits(rule, devices, question))
      .flatMap((rule) =>
        (rule.allow ?? [])
          .filter((entry) => isAbout(entry, false, devices, question, access, address))
          .map((entry) => ({ rule, failure: failureOf(rule, entry, devices, question, access, address) })),
      );
    if (failures.some(({ failure }) => failure === undefined)) continue;
    const [nearest] = failures.sort((left, right) => rank(right.failure) - rank(left.failure));
    if (nearest === undefined) return { permit: false, because: "no-permit", address };
    return { permit: false, because: nearest.failure!, rules: [nearest.rule.id], address };
  }
  return { permit: true };
}

function rank(failure: Because | undefined): number {
  return ["source", "transport", "partial"].indexOf(failure ?? "") + 1 || 4;
}

function roleFits(rule: RuleText, file: PolicyFile, { subject, role }: Question): boolean {
  const { roles } = (rule.permit ?? rule.forbid)!;
  const real = subject === null ? null : role;
  if (roles === "*") return rule.forbid !== undefined || (real !== null && file.roles.includes(real));
  return real !== null && roles.includes(real);
}

function targetFits(rule: RuleText, devices: readonly PolicyDevice[], question: Question): boolean {
  const device = devices.find(({ id }) => id === question.device);
  if (rule.devices !== undefined && !(device !== undefined && rule.devices.includes(device.id))) return false;
  if (rule.units !== undefined) return rule.units.some((unit) => contains(unit, question.unit));
  if (question.unit !== 0 || rule.forbid !== undefined) return true;
  return rule.devices !== undefined && device?.unit === 0;
}

function contains(range: RangeText, value: number): boolean {
  const [start, end] = String(range).split("-").map(Number);
  return value >= start! && value <= (end ?? start!);
}

const covered: Readonly<Record<string, readonly number[]>> = {
  "coil read": [1],
  "discrete read": [2],
  "holding read": [3, 22, 23],
  "input read": [4],
  "coil write": [5, 15],
  "holding write": [6, 16, 22, 23],
};

function isAbout(
  entry: EntryText,
  denies: boolean,
  devices: readonly PolicyDevice[],
  question: Question,
  access: Access,
  address: number,
): boolean {
  if (entry.functions !== undefined) {
    const named = entry.functions.some((text) => {
      const [code, subfunction] = String(text).split("/").map(Number);
      if (code !== question.functionCode) return false;
      if (subfunction === undefined || subfunction === question.subfunction) return true;
      return denies && question.subfunction === undefined;
    });
    if (!named) return false;
    if (entry.table !== undefined && entry.table !== access.table) return false;
    if (entry.addresses === undefined) return true;
    return access.table !== null && entry.addresses.some((range) => contains(range, address));
  }
  const writes = entry.write !== undefined;
  // What function 22 reads stays in the device: it is a write as a whole.
  if (writes !== (question.functionCode === 22 || access.write)) return false;
  if (!covered[`${access.table} ${access.write ? "write" : "read"}`]?.includes(question.functionCode)) return false;
  return pointsOf(entry, devices, question, access, address).length > 0;
}

function pointsOf(
  entry: EntryText,
  devices: readonly PolicyDevice[],
  question: Question,
  access: Access,
  address: number,
): readonly Point[] {
  const named = entry.write ?? entry.read;
  const points = devices.find(({ id }) => id === question.device)?.profile?.points ?? [];
  return points.filter(
    (point) =>
      point.table === access.table &&
      address >= point.address &&
      address < point.address + point.count &&
      (typeof named === "string" ? point.id === named : named !== undefined && point.labels.includes(named.label)),
  );
}

function conditionsOf(rule: RuleText, access: Access, question: Question): Because | undefined {
  const { sources, transports } = rule.when ?? {};
  if (sources !== undefined && !sources.some((source) => sourceFits(source, question.source))) return "source";
  if (transports !== undefined) return transports.includes(question.transport) ? undefined : "transport";
  const mustBeNamed = rule.permit !== undefined && access.write && question.transport !== "tls";
  return mustBeNamed ? "transport" : undefined;
}

/** IPv4 only: that is what the generated questions have. */
function sourceFits(network: string, source: string | undefined): boolean {
  if (source === undefined) return false;
  const bits = (text: string) =>
    text
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  const [address, prefix] = network.split("/");
  return bits(source.split(":")[0]!).startsWith(bits(address!).slice(0, Number(prefix ?? 32)));
}

function failureOf(
  rule: RuleText,
  entry: EntryText,
  devices: readonly PolicyDevice[],
  question: Question,
  access: Access,
  address: number,
): Because | undefined {
  const condition = conditionsOf(rule, access, question);
  if (condition !== undefined) return condition;
  if (!access.write || access.table === null) return undefined;
  const profile = devices.find(({ id }) => id === question.device)?.profile;
  const last = access.address + access.quantity - 1;
  const touched = (profile?.points ?? []).filter(
    (point) => point.table === access.table && point.address <= address && address < point.address + point.count,
  );
  if (touched.some((point) => point.address < access.address || point.address + point.count - 1 > last)) {
    return "partial";
  }
  const { min, max, values, mask } = entry;
  if (access.mask !== undefined) {
    if (min === undefined && max === undefined && values === undefined && mask === undefined) return undefined;
    const replaced = 0xffff - access.mask.and;
    return mask !== undefined && (replaced & registerBits(mask, entry, touched[0])) === replaced ? undefined : "mask";
  }
  const [point] = entry.functions === undefined ? pointsOf(entry, devices, question, access, address) : [];
  const register = access.values![address - access.address]!;
  const value = point === undefined ? register : rawOf(point, access);
  if (min !== undefined && !(compare(value, min, point) >= 0)) return "min";
  if (max !== undefined && !(compare(value, max, point) <= 0)) return "max";
  if (values !== undefined && !values.some((one) => holds(one, value, point, devices))) return "values";
  if (mask !== undefined && (register & registerBits(mask, entry, point)) !== register) return "mask";
  return undefined;
}

function rawOf(point: Point, access: Access): number | bigint {
  const at = point.address - access.address;
  if (point.type === "bool") return access.values![at]!;
  const value = decodeValue(point.type, point.order, Uint16Array.from(access.values!), at, point.count);
  return typeof value === "boolean" ? Number(value) : (value as number | bigint);
}

/** Below, equal or above, of raw x scale and a limit, without any rounding; floats as the device would hold the limit. */
function compare(raw: number | bigint, limit: number, point: Point | undefined): number {
  if (point?.type === "f32") return Number(raw) - Math.fround(limit / (point.scale as number));
  if (typeof raw === "number" && !Number.isInteger(raw)) return Number.NaN;
  const scale = point === undefined || point.type === "bool" ? 1 : (point.scale as number);
  // Limits and scales of the tests have at most seven decimals.
  const million = (value: number) => BigInt(Math.round(value * 1e7));
  const difference = BigInt(raw) * million(scale) - million(limit);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function holds(
  wanted: number,
  raw: number | bigint,
  point: Point | undefined,
  devices: readonly PolicyDevice[],
): boolean {
  if (point === undefined) return wanted === raw;
  const profile = devices.find((device) => device.profile?.points.includes(point))!.profile!;
  const words = encodePoint(profile, point, wanted, () => undefined);
  const held = decodeValue(point.type, point.order, words, 0, point.count);
  return (typeof held === "boolean" ? Number(held) : held) === raw;
}

function registerBits(mask: number, entry: EntryText, point: Point | undefined): number {
  const turned = entry.functions === undefined && (point?.order === "BADC" || point?.order === "DCBA");
  return turned ? ((mask << 8) & 0xff00) | (mask >> 8) : mask;
}
