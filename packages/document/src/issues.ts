import { z } from "zod";
import { didYouMean, nearest } from "./did-you-mean.ts";
import type { Path } from "./read.ts";
import { MISSING, sentenceOf, shown, UNION, wantedOf } from "./wording.ts";

export interface Finding {
  readonly path: Path;
  readonly message: string;
}
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Checks a value against a schema; what is wrong is said in words for whoever writes the file. */
export function checkValue<Schema extends z.ZodType>(schema: Schema, raw: unknown): Checked<z.output<Schema>> {
  /** The keys that would have been possible, by the list of those that were not. */
  const possible = new WeakMap<readonly string[], readonly string[]>();
  const result = schema.safeParse(raw, {
    reportInput: true,
    error: (issue) => {
      if (issue.code === "unrecognized_keys" && issue.inst instanceof z.core.$ZodObject) {
        possible.set(issue.keys, Object.keys(issue.inst._zod.def.shape));
      }
      return sentenceOf(issue);
    },
  });
  if (result.success) return { ok: true, value: result.data };
  const knownKeys = (keys: readonly string[]) => possible.get(keys) ?? [];
  return { ok: false, findings: findingsOfAll(result.error.issues, [], knownKeys) };
}

type KnownKeys = (keys: readonly string[]) => readonly string[];

/** A key that is missing because it is misspelt is told once, where it stands. */
function findingsOfAll(issues: readonly z.core.$ZodIssue[], above: Path, knownKeys: KnownKeys): readonly Finding[] {
  const misspelt = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    for (const key of issue.keys) {
      const meant = nearest(key, knownKeys(issue.keys));
      if (meant !== undefined) misspelt.add([...issue.path, meant].map(String).join("\n"));
    }
  }
  const isTold = ({ message, path }: z.core.$ZodIssue) =>
    message.startsWith(MISSING) && misspelt.has(path.map(String).join("\n"));
  return issues.filter((issue) => !isTold(issue)).flatMap((issue) => findingsOf(issue, above, knownKeys));
}

function findingsOf(issue: z.core.$ZodIssue, above: Path, knownKeys: KnownKeys): readonly Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.keys);
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key "${key}"${hint(key, known)}` }));
  }
  if (issue.code === "invalid_union" && issue.message === UNION) return unionFindings(issue, path, knownKeys);
  if (issue.message.startsWith(MISSING)) {
    const key = path.at(-1);
    return [{ path, message: `"${String(key ?? "")}" ${issue.message}` }];
  }
  const list = issue.code === "invalid_value" && typeof issue.input === "string" ? issue.values.map(String) : [];
  return [{ path, message: `${issue.message}${didYouMean(String(issue.input), list)}` }];
}

/** A few possible keys are named; of many only the one that is meant. */
function hint(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  return meant !== "" || known.length === 0 ? meant : `: possible are ${known.join(", ")}`;
}

/** Of several possible forms the one that was meant: the first whose type is that of the value. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path, knownKeys: KnownKeys): readonly Finding[] {
  const branches = flatBranches(issue);
  const meant = branches.find((branch) => !branch.some((one) => one.path.length === 0 && wantedOf(one) !== undefined));
  if (meant !== undefined) return findingsOfAll(meant, path, knownKeys);
  const wanted = [...new Set(branches.flatMap((branch) => branch.flatMap((one) => wantedOf(one) ?? [])))].join(" or ");
  const input = branches[0]?.[0]?.input;
  if (input !== undefined) return [{ path, message: `${wanted} is wanted, got ${shown(input)}` }];
  return [{ path, message: `"${String(path.at(-1))}" ${MISSING}${wanted} is wanted` }];
}

/** A union of unions is one. */
function flatBranches(issue: z.core.$ZodIssueInvalidUnion): readonly (readonly z.core.$ZodIssue[])[] {
  return issue.errors.flatMap((branch) => {
    const [only] = branch;
    const nested = branch.length === 1 && only?.code === "invalid_union" && only.path.length === 0;
    return nested && only.message === UNION ? flatBranches(only) : [branch];
  });
}
