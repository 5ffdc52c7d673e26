import type { Table } from "@modwarden/access";
import type { FunctionText } from "./text.ts";

/** Without `subfunction`: the code with every sub-function. */
export interface FunctionReference {
  readonly code: number;
  readonly subfunction?: number;
}

/** One table a function reaches, and whether it writes there. */
export interface Half {
  readonly table: Table;
  readonly write: boolean;
}

/** MODBUS Application Protocol V1.1b3 § 6: what the data functions read and write. */
const halves: ReadonlyMap<number, readonly Half[]> = new Map<number, readonly Half[]>([
  [1, [{ table: "coil", write: false }]],
  [2, [{ table: "discrete", write: false }]],
  [3, [{ table: "holding", write: false }]],
  [4, [{ table: "input", write: false }]],
  [5, [{ table: "coil", write: true }]],
  [6, [{ table: "holding", write: true }]],
  [15, [{ table: "coil", write: true }]],
  [16, [{ table: "holding", write: true }]],
  [
    22,
    [
      { table: "holding", write: false },
      { table: "holding", write: true },
    ],
  ],
  [
    23,
    [
      { table: "holding", write: true },
      { table: "holding", write: false },
    ],
  ],
]);

const MASK_WRITE = 22;
const NONE: readonly Half[] = [];

/** Diagnostics have sub-functions of 16 bits, encapsulated interface transport a MEI type of 8. §§ 6.8, 6.19 */
const subfunctionLimit: ReadonlyMap<number, number> = new Map([
  [8, 65535],
  [43, 255],
]);

export function functionReference(text: FunctionText): FunctionReference {
  if (typeof text === "number") return { code: text };
  const slash = text.indexOf("/");
  return { code: Number(text.slice(0, slash)), subfunction: Number(text.slice(slash + 1)) };
}

/** What is wrong with a function code that has the right form, or undefined. */
export function functionProblem(text: FunctionText): string | undefined {
  const { code, subfunction } = functionReference(text);
  if (code < 1 || code > 127) return `function ${code}: a function code is 1 to 127`;
  if (subfunction === undefined) return undefined;
  const limit = subfunctionLimit.get(code);
  if (limit === undefined) return `function ${code} has no sub-functions: write ${code}`;
  return subfunction > limit ? `function ${code}: a sub-function is 0 to ${limit}` : undefined;
}

/** The tables a function reaches; none for those without registers (8, 43, a vendor's own). */
export function halvesOf(code: number): readonly Half[] {
  return halves.get(code) ?? NONE;
}

/**
 * What a point entry covers: the functions that read its table, or those that write it. Function 22 is a write as a
 * whole: what it reads stays in the device, so an entry that lets a point be written covers that half too.
 */
export function pointHalves(
  table: Table,
  write: boolean,
): readonly { readonly code: number; readonly write: boolean }[] {
  return [...halves].flatMap(([code, reached]) =>
    reached
      .filter((half) => half.table === table && (code === MASK_WRITE ? write : half.write === write))
      .map((half) => ({ code, write: half.write })),
  );
}
