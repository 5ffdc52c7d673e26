import type { Access, Because } from "@modwarden/access";
import { encodePoint, type Point } from "@modwarden/profile";
import { decodeValue } from "@modwarden/protocol";
import type { EntryText, InterlockText, PolicyDevice, PolicyFile, Question, RangeText, RuleText } from "../index.ts";
import type { PlainMoment } from "./moment.ts";

/** The semantics of formats.md once more, as plainly as they can be written: element by element, rule by rule. */

/** A question whose moment is plain data. */
export type PlainQuestion = Omit<Question, "moment"> & { readonly moment?: PlainMoment };

export interface NaiveVerdict {
  readonly permit: boolean;
  readonly because?: Because;
  readonly rules?: readonly string[];
  readonly address?: number;
}

/** By the rules that are in force. */
export function naiveDecision(
  file: PolicyFile,
  devices: readonly PolicyDevice[],
  question: PlainQuestion,
): NaiveVerdict {
  return naiveVerdict({ ...file, rules: file.rules.filter(({ mode }) => mode !== "shadow") }, devices, question);
}

/** By all rules, also those that are only tried. */
export function naiveVerdict(
  file: PolicyFile,
  devices: readonly PolicyDevice[],
  question: PlainQuestion,
): NaiveVerdict {
  const isNull = question.subject === null || question.role === null;
  const elements = question.accesses.flatMap((access) =>
    Array.from({ length: access.table === null ? Math.max(1, access.quantity) : access.quantity }, (_, index) => ({
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
      // What is not known forbids.
      if (interlocksOf(rule).some((interlock) => interlockHolds(interlock, devices, question) === false)) continue;
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
  const late = ["step", "slew", "interlock", "approval", "rate"].indexOf(failure ?? "");
  if (late >= 0) return 6 + late;
  return ["source", "transport", "time", "partial"].indexOf(failure ?? "") + 1 || 5;
}

function roleFits(rule: RuleText, file: PolicyFile, { subject, role, kind, tags: own }: PlainQuestion): boolean {
  const { roles = "*", ids, tags, kinds } = (rule.permit ?? rule.forbid)!;
  if (ids !== undefined && !(subject !== null && ids.includes(subject))) return false;
  if (tags !== undefined && !(subject !== null && tags.some((tag) => own?.includes(tag)))) return false;
  if (kinds !== undefined && !(subject !== null && kind !== undefined && kinds.includes(kind))) return false;
  const real = subject === null ? null : role;
  if (roles === "*") return rule.forbid !== undefined || (real !== null && file.roles.includes(real));
  return real !== null && roles.includes(real);
}

function targetFits(rule: RuleText, devices: readonly PolicyDevice[], question: PlainQuestion): boolean {
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
  question: PlainQuestion,
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
    if (entry.files !== undefined && !entry.files.some((file) => contains(file, access.file ?? -1))) return false;
    if (entry.records !== undefined && !entry.records.some((record) => contains(record, address))) return false;
    if (entry.addresses === undefined) return true;
    const hasAddress = access.table !== null || question.functionCode === 24;
    return hasAddress && entry.addresses.some((range) => contains(range, address));
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
  question: PlainQuestion,
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

function conditionsOf(rule: RuleText, access: Access, question: PlainQuestion): Because | undefined {
  const { sources, transports, listeners, hours, tz } = rule.when ?? {};
  if (sources !== undefined && !sources.some((source) => sourceFits(source, question.source))) return "source";
  const mustBeNamed = rule.permit !== undefined && access.write && question.transport !== "tls";
  if (transports === undefined ? mustBeNamed : !transports.includes(question.transport)) return "transport";
  if (listeners !== undefined && !listeners.includes(question.listener ?? "")) return "transport";
  if (hours === undefined) return undefined;
  const windows = typeof hours === "string" ? [hours] : hours;
  return windows.some((window) => hoursHold(window, tz!, question.atMs)) ? undefined : "time";
}

const week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The windows of the tests: `"Mon-Fri 06:00-22:00"` or without days. */
function hoursHold(window: string, tz: string, atMs: number | undefined): boolean {
  if (atMs === undefined) return false;
  const text = new Date(atMs).toLocaleString("en-GB", { timeZone: tz, weekday: "short", timeStyle: undefined });
  const time = new Date(atMs).toLocaleTimeString("en-GB", { timeZone: tz, hour: "2-digit", minute: "2-digit" });
  const today = week.indexOf(text.slice(0, 3));
  const [span, days = "Mon-Sun"] = window.split(" ").reverse();
  const [start, end] = span!.split("-") as [string, string];
  const [first, last] = days.split("-").map((day) => week.indexOf(day)) as [number, number];
  const named = (day: number): boolean => (first <= last ? day >= first && day <= last : day >= first || day <= last);
  if (start < end) return named(today) && time >= start && time < end;
  return (named(today) && time >= start) || (named((today + 6) % 7) && time < end);
}

function interlocksOf({ when }: RuleText): readonly InterlockText[] {
  const interlock = when?.interlock ?? [];
  return "point" in interlock ? [interlock] : interlock;
}

/** Undefined: what stands there is not known, or that is too old. The points of the tests are single registers. */
function interlockHolds(
  { point: name, maxAgeMs, equals, not, min, max, values }: InterlockText,
  devices: readonly PolicyDevice[],
  question: PlainQuestion,
): boolean | undefined {
  const parts = name.split(".");
  const named = parts.length > 1 ? devices.find(({ id }) => id === parts[0]) : undefined;
  const device = named ?? devices.find(({ id }) => id === question.device);
  const [pointName, bitName] = named === undefined ? parts : parts.slice(1);
  const point = device?.profile?.point(pointName!);
  if (device === undefined || point === undefined) return undefined;
  const known = question.moment?.plant.registers[`${device.id} ${point.table} ${point.address}`];
  if (known === undefined || known.ageMs > maxAgeMs) return undefined;
  const signed = point.type === "s16" && known.value > 32767 ? known.value - 65536 : known.value;
  const bit = [...point.bits].find(([, text]) => text === bitName)?.[0];
  const isBit = point.table === "coil" || point.table === "discrete";
  const scale = typeof point.scale === "number" ? point.scale : 1;
  const value = isBit
    ? Number(known.value !== 0)
    : bit === undefined
      ? Math.round(signed * scale * 10) / 10
      : Math.floor(known.value / 2 ** bit) % 2;
  if (equals !== undefined && value !== Number(equals)) return false;
  if (not !== undefined && value === Number(not)) return false;
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) return false;
  return values === undefined || values.includes(value);
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
  question: PlainQuestion,
  access: Access,
  address: number,
): Because | undefined {
  const condition = conditionsOf(rule, access, question);
  if (condition !== undefined) return condition;
  if (!access.write || access.table === null) return stateOf(rule, entry, devices, question, access, address);
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
    const limited = [min, max, values, mask].some((limit) => limit !== undefined);
    const replaced = 0xffff - access.mask.and;
    const isCovered = mask !== undefined && (replaced & registerBits(mask, entry, touched[0])) === replaced;
    return limited && !isCovered ? "mask" : stateOf(rule, entry, devices, question, access, address);
  }
  const [point] = entry.functions === undefined ? pointsOf(entry, devices, question, access, address) : [];
  const register = access.values![address - access.address]!;
  const value = point === undefined ? register : rawOf(point, access);
  if (min !== undefined && !(compare(value, min, point) >= 0)) return "min";
  if (max !== undefined && !(compare(value, max, point) <= 0)) return "max";
  if (values !== undefined && !values.some((one) => holds(one, value, point, devices))) return "values";
  if (mask !== undefined && (register & registerBits(mask, entry, point)) !== register) return "mask";
  return stateOf(rule, entry, devices, question, access, address);
}

function stateOf(
  rule: RuleText,
  entry: EntryText,
  devices: readonly PolicyDevice[],
  question: PlainQuestion,
  access: Access,
  address: number,
): Because | undefined {
  const plant = question.moment?.plant;
  if (entry.maxStep !== undefined && access.write) {
    const failure = stepOf(entry, entry.maxStep, devices, question, access, address);
    if (failure !== undefined) return failure;
  }
  if (interlocksOf(rule).some((interlock) => interlockHolds(interlock, devices, question) !== true)) return "interlock";
  if (rule.approval !== undefined && plant?.approved?.includes(rule.id) !== true) return "approval";
  if (rule.rate === undefined) return undefined;
  return question.subject !== null && plant !== undefined && plant.empty?.includes(rule.id) !== true
    ? undefined
    : "rate";
}

/** In engineering units: a step that a person would have written passes, whatever the device rounds. */
function stepOf(
  entry: EntryText,
  maxStep: number,
  devices: readonly PolicyDevice[],
  question: PlainQuestion,
  access: Access,
  address: number,
): "step" | "slew" | undefined {
  const [point] = entry.functions === undefined ? pointsOf(entry, devices, question, access, address) : [];
  const start = point?.address ?? address;
  const plant = question.moment?.plant;
  const known = Array.from(
    { length: point?.count ?? 1 },
    (_, index) => plant?.registers[`${access.device} ${access.table} ${start + index}`],
  );
  const words: number[] = [];
  for (const register of known) {
    if (register === undefined || register.ageMs > (entry.maxAgeMs ?? 5000)) return "step";
    words.push(register.value);
  }
  const held = (values: readonly number[]): number | bigint =>
    point === undefined ? values[0]! : rawOf(point, { ...access, address: start, values });
  const { mask } = access;
  const replaced = mask === undefined ? 0 : 0xffff - mask.and;
  const after =
    mask === undefined
      ? point === undefined
        ? access.values![address - access.address]!
        : rawOf(point, access)
      : held([(words[0]! & ~replaced) | (mask.or & replaced)]);
  const steps = (before: number | bigint): boolean => {
    if (point?.type === "f32") {
      if (![before, after].map(Number).every(Number.isFinite)) return false;
      const slack = (Math.abs(Number(before)) + Math.abs(Number(after))) / 2 ** 23;
      return Math.abs(Number(after) - Number(before)) <= maxStep / (point.scale as number) + slack;
    }
    const scale = point === undefined || point.type === "bool" ? 1 : Math.abs(point.scale as number);
    const million = (value: number): bigint => BigInt(Math.round(value * 1e7));
    const whole = (million(maxStep) + million(scale) - 1n) / million(scale);
    const difference = BigInt(after) - BigInt(before);
    return (difference < 0n ? -difference : difference) <= whole;
  };
  if (!steps(held(words))) return "step";
  const extremes =
    entry.perSeconds === undefined ? undefined : plant?.extremes?.[`${access.device} ${access.table} ${start}`];
  return extremes === undefined || (steps(extremes.least) && steps(extremes.most)) ? undefined : "slew";
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
