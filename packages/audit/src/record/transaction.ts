import type {
  Access,
  Explanation,
  Finding,
  Location,
  Method,
  Operation,
  Outcome,
  Subject,
  Transaction,
} from "@modwarden/access";
import { numeral, quote } from "./json.ts";

/*
 * Written by hand, field by field: the record of a transaction is made for every request, and its keys always stand
 * in the order of formats.md ("Audit log"). The text equals what `compactJson` would make of the same object.
 */

const nullable = (text: string | null): string => (text === null ? "null" : quote(text));

function strings(list: readonly string[]): string {
  let text = "[";
  for (let index = 0; index < list.length; index++) text += (index === 0 ? "" : ",") + quote(list[index]!);
  return `${text}]`;
}

function numbers(list: readonly (number | null)[]): string {
  let text = "[";
  for (let index = 0; index < list.length; index++) {
    const value = list[index]!;
    text += (index === 0 ? "" : ",") + (value === null ? "null" : numeral(value));
  }
  return `${text}]`;
}

export function subjectText(subject: Subject): string {
  const cert = subject.cert === undefined ? "" : `,"cert":${quote(subject.cert)}`;
  return `{"id":${nullable(subject.id)},"role":${nullable(subject.role)}${cert}}`;
}

export function locationText(location: Location): string {
  const zone = location.zone === undefined ? "" : `,"zone":${quote(location.zone)}`;
  return `{"site":${quote(location.site)},"gateway":${quote(location.gateway)}${zone},"source":${quote(location.source)}}`;
}

function methodText(method: Method): string {
  return `{"transport":${quote(method.transport)},"transaction":${numeral(method.transaction)}}`;
}

export function operationText(operation: Operation): string {
  const sub = operation.subfunction === undefined ? "" : `,"subfunction":${numeral(operation.subfunction)}`;
  return `{"function":${numeral(operation.function)}${sub},"name":${quote(operation.name)}}`;
}

export function accessText(access: Access): string {
  let text = `{"device":${nullable(access.device)},"unit":${numeral(access.unit)},"table":${nullable(access.table)}`;
  if (access.file !== undefined) text += `,"file":${numeral(access.file)}`;
  text += `,"address":${numeral(access.address)},"quantity":${numeral(access.quantity)},"write":${access.write}`;
  if (access.points !== undefined) text += `,"points":${strings(access.points)}`;
  if (access.values !== undefined) text += `,"values":${numbers(access.values)}`;
  if (access.mask !== undefined) text += `,"mask":{"and":${numeral(access.mask.and)},"or":${numeral(access.mask.or)}}`;
  return `${text}}`;
}

function decisionText(decision: Explanation): string {
  let text = `{"permit":${decision.permit},"rules":${strings(decision.rules)}`;
  const first = decision.firstUncovered;
  if (first !== undefined) {
    const point = first.point === undefined ? "" : `,"point":${quote(first.point)}`;
    const file = first.file === undefined ? "" : `,"file":${numeral(first.file)}`;
    text += `,"firstUncovered":{"table":${nullable(first.table)}${file},"address":${numeral(first.address)}${point}}`;
  }
  if (decision.because !== undefined) text += `,"because":${quote(decision.because)}`;
  if (decision.failed !== undefined) text += `,"failed":${quote(decision.failed)}`;
  text += `,"policy":${quote(decision.policy)}`;
  const { shadow } = decision;
  if (shadow !== undefined) {
    text += `,"shadow":{"permit":${shadow.permit}`;
    if (shadow.because !== undefined) text += `,"because":${quote(shadow.because)}`;
    if (shadow.rules !== undefined) text += `,"rules":${strings(shadow.rules)}`;
    text += "}";
  }
  return `${text}}`;
}

function outcomeText(outcome: Outcome): string {
  let text = "{";
  if (outcome.result !== undefined) text += `"result":${quote(outcome.result)},`;
  if (outcome.exception !== undefined) text += `"exception":${numeral(outcome.exception)},`;
  if (outcome.from !== undefined) text += `"from":${quote(outcome.from)},`;
  if (outcome.reason !== undefined) text += `"reason":${quote(outcome.reason)},`;
  if (outcome.intent !== undefined) text += `"intent":${numeral(outcome.intent)},`;
  if (outcome.values !== undefined) text += `"values":${numbers(outcome.values)},`;
  if (outcome.before !== undefined) text += `"before":${numbers(outcome.before)},`;
  return `${text}"latencyUs":${numeral(outcome.latencyUs)}}`;
}

function findingText(finding: Finding): string {
  return `{"rule":${quote(finding.rule)},"severity":${quote(finding.severity)},"evidence":${quote(finding.evidence)}}`;
}

function objects<Item>(list: readonly Item[], textOf: (item: Item) => string): string {
  let text = "[";
  for (let index = 0; index < list.length; index++) text += (index === 0 ? "" : ",") + textOf(list[index]!);
  return `${text}]`;
}

/** Texts of what a session says with every request. The objects are never changed: one that is there has one text. */
const subjects = new WeakMap<Subject, string>();
const locations = new WeakMap<Location, string>();

function kept<Key extends object>(texts: WeakMap<Key, string>, key: Key, textOf: (key: Key) => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = textOf(key);
    texts.set(key, text);
  }
  return text;
}

/** The body of a transaction's record: everything after `{"seq":N,`. `time` as `formatTime` writes it. */
export function serialiseTransaction(time: string, transaction: Transaction): string {
  return (
    `"t":${quote(time)},"kind":"transaction","subject":${kept(subjects, transaction.subject, subjectText)}` +
    `,"location":${kept(locations, transaction.location, locationText)},"method":${methodText(transaction.method)}` +
    `,"operation":${operationText(transaction.operation)},"accesses":${objects(transaction.accesses, accessText)}` +
    `,"decision":${decisionText(transaction.decision)},"outcome":${outcomeText(transaction.outcome)}` +
    `,"findings":${objects(transaction.findings, findingText)}}`
  );
}
