import type { Path } from "@modwarden/document";
import { functionProblem, functionReference, halvesOf } from "./function-reference.ts";
import { mergeRanges, rangeOf } from "./range.ts";
import type { EntryText, FunctionText, RangeText } from "./text.ts";

export type Report = (path: Path, message: string) => void;

export function checkEntry(entry: EntryText, denies: boolean, path: Path, report: Report): void {
  const named = (["functions", "read", "write"] as const).filter((key) => entry[key] !== undefined);
  if (named.length !== 1) {
    report(path, "an entry names one thing: functions, or a point or label to read or to write");
    return;
  }
  for (const [index, range] of (entry.addresses ?? []).entries()) {
    checkAddress(range, [...path, "addresses", index], report);
  }
  for (const [index, code] of (entry.functions ?? []).entries()) {
    checkFunction(code, [...path, "functions", index], report);
  }
  for (const key of ["files", "records"] as const) {
    for (const [index, range] of (entry[key] ?? []).entries()) checkFile(key, range, [...path, key, index], report);
  }
  if (entry.functions === undefined) {
    for (const key of ["table", "addresses", "files", "records"] as const) {
      if (entry[key] !== undefined) report([...path, key], `${key} belongs to functions: a point knows its own`);
    }
  } else {
    checkReach(entry, entry.functions, denies, path, report);
    checkFiles(entry, entry.functions, denies, path, report);
  }
  checkLimits(entry, denies, path, report);
}

export function checkFunction(code: FunctionText, path: Path, report: Report): void {
  const problem = functionProblem(code);
  if (problem !== undefined) report(path, problem);
}

function checkAddress(range: RangeText, path: Path, report: Report): void {
  const { start, end } = rangeOf(range);
  if (end > 65535 || start > 65535) report(path, `addresses ${range}: an address is 0 to 65535`);
  else if (start > end) report(path, `addresses ${range}: the range runs backwards, write "${end}-${start}"`);
}

/**
 * A table or address that no listed function reaches is a slip: the entry would cover nothing. In a deny it has to be
 * there for each of them: a function that the file seems to forbid must not pass.
 */
function checkReach(
  entry: EntryText,
  functions: readonly FunctionText[],
  denies: boolean,
  path: Path,
  report: Report,
): void {
  if (denies && (entry.table !== undefined || entry.addresses !== undefined)) {
    for (const [index, code] of functions.entries()) {
      const reached = halvesOf(functionReference(code).code);
      if (reached.some((half) => (entry.table ?? half.table) === half.table)) continue;
      if (entry.table === undefined && functionReference(code).code === READ_FIFO) continue;
      const missed = entry.table === undefined ? "has no addresses" : `does not touch the ${entry.table} table`;
      report([...path, "functions", index], `function ${code} ${missed}: deny it in an entry of its own`);
    }
    return;
  }
  const halves = functions.flatMap((code) => halvesOf(functionReference(code).code));
  if (entry.table !== undefined && !halves.some((half) => half.table === entry.table)) {
    report([...path, "table"], `none of these functions touches the ${entry.table} table`);
  } else if (entry.addresses !== undefined && halves.length === 0 && !hasCode(functions, [READ_FIFO])) {
    report([...path, "addresses"], "none of these functions has addresses");
  }
}

function checkLimits(entry: EntryText, denies: boolean, path: Path, report: Report): void {
  const given = (["min", "max", "values", "mask", "maxStep", "perSeconds", "maxAgeMs"] as const).filter(
    (key) => entry[key] !== undefined,
  );
  if (given.length === 0) return;
  const at = (key: PropertyKey): Path => [...path, key];
  if (denies) {
    for (const key of given) report(at(key), `${key} limits what a permit allows: a deny has no limits`);
    return;
  }
  const halves = (entry.functions ?? []).flatMap((code) => halvesOf(functionReference(code).code));
  const written = halves.filter((half) => half.write && (entry.table ?? half.table) === half.table);
  if (entry.functions === undefined ? entry.write === undefined : written.length === 0) {
    for (const key of given) report(at(key), `${key} judges written values, and this entry writes none`);
    return;
  }
  for (const key of ["perSeconds", "maxAgeMs"] as const) {
    if (entry[key] !== undefined && entry.maxStep === undefined) {
      report(at(key), `${key} says more of a maxStep, and there is none: add maxStep, or remove ${key}`);
    }
  }
  if (entry.min !== undefined && entry.max !== undefined && entry.min > entry.max) {
    report(at("min"), `min ${entry.min} is above max ${entry.max}: nothing would be permitted`);
  }
  if (entry.functions === undefined) return;
  if (entry.perSeconds !== undefined) checkFollowed(entry.addresses, at("perSeconds"), report);
  for (const [index, code] of entry.functions.entries()) {
    if (halvesOf(functionReference(code).code).length > 0) continue;
    report(
      [...path, "functions", index],
      `what function ${code} writes cannot be judged: give it an entry without limits`,
    );
  }
  if (entry.mask !== undefined && !written.some((half) => half.table === "holding")) {
    report(at("mask"), "a mask judges registers, and this entry writes coils only");
  }
  const raw = [
    ...(["min", "max"] as const).map((key) => [at(key), entry[key]] as const),
    ...(entry.values ?? []).map((value, index) => [[...path, "values", index], value] as const),
  ];
  for (const [place, value] of raw) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 65535)) {
      report(
        place,
        `${value}: limits of a functions entry are raw registers, 0 to 65535; a point has engineering units`,
      );
    }
  }
}

/** Each register under a slew limit is followed by itself. */
const MAX_FOLLOWED = 1_000;

function checkFollowed(addresses: readonly RangeText[] | undefined, path: Path, report: Report): void {
  const ranges = addresses === undefined ? [{ start: 0, end: 65_535 }] : mergeRanges(addresses.map(rangeOf));
  const count = ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  if (count > MAX_FOLLOWED) {
    report(path, `perSeconds follows each register: name at most ${MAX_FOLLOWED} with addresses, or write a point`);
  }
}

const READ_FIFO = 24;
const FILE_FUNCTIONS = [20, 21];
/** `records` of many files would be one range for each of them. */
const MAX_FILES_WITH_RECORDS = 256;

function hasCode(functions: readonly FunctionText[], codes: readonly number[]): boolean {
  return functions.some((text) => codes.includes(functionReference(text).code));
}

function checkFile(key: "files" | "records", range: RangeText, path: Path, report: Report): void {
  const { start, end } = rangeOf(range);
  const [least, most] = key === "files" ? [1, 65_535] : [0, 9_999];
  if (start < least || end > most) report(path, `${key} ${range}: ${key} are ${least} to ${most}`);
  else if (start > end) report(path, `${key} ${range}: the range runs backwards, write "${end}-${start}"`);
}

/** MODBUS Application Protocol V1.1b3 §§ 6.14, 6.15: files are what functions 20 and 21 touch, and nothing else. */
function checkFiles(
  entry: EntryText,
  functions: readonly FunctionText[],
  denies: boolean,
  path: Path,
  report: Report,
): void {
  const { files, records } = entry;
  if (files === undefined && records === undefined) return;
  if (records !== undefined && files === undefined) {
    report([...path, "records"], "records are those of files: say which files");
  }
  if (files !== undefined && records !== undefined) {
    const count = mergeRanges(files.map(rangeOf)).reduce((sum, { start, end }) => sum + end - start + 1, 0);
    if (count > MAX_FILES_WITH_RECORDS) {
      report(
        [...path, "files"],
        `${count} files with records: at most ${MAX_FILES_WITH_RECORDS}, or leave records out`,
      );
    }
  }
  const others = functions.filter((text) => !hasCode([text], FILE_FUNCTIONS));
  if (denies && others.length > 0) {
    report([...path, "functions"], `function ${others[0]} has no files: deny it in an entry of its own`);
  } else if (others.length === functions.length) {
    report([...path, "files"], "none of these functions has files: they are of functions 20 and 21");
  }
}
