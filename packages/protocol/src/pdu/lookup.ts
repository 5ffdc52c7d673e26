import { type FunctionCode, functionCodes } from "./function-codes.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";

/** Function code 43 carries a second code behind it, the MEI type. § 6.19 */
export const ENCAPSULATED_INTERFACE = 43;

const byCode: (FunctionCode | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  functionCodes.find((row) => row.code === code && row.mei === undefined),
);
const byMei: (FunctionCode | undefined)[] = Array.from({ length: 256 }, (_, mei) =>
  functionCodes.find((row) => row.mei === mei),
);
const byKind: ReadonlyMap<string, FunctionCode> = new Map(functionCodes.map((row) => [row.name, row]));

/** The row of a code that stands alone. Undefined for unassigned codes and for 43. */
export function functionOf(code: number): FunctionCode | undefined {
  return byCode[code];
}

/** The row of function code 43 with this MEI type. */
export function encapsulatedFunctionOf(mei: number): FunctionCode | undefined {
  return byMei[mei];
}

/** The row that encodes this message; undefined when kind and function code contradict each other. */
export function functionOfMessage(message: Request | Response): FunctionCode | undefined {
  if (message.kind !== "user-defined") return byKind.get(message.kind);
  const row = byCode[message.functionCode];
  return row?.name === "user-defined" ? row : undefined;
}

/** The function code that the message has on the wire, without bit 7. Undefined kinds do not exist: the union is closed. */
export function functionCodeOf(message: Request | Response | ExceptionResponse): number {
  if (message.kind === "user-defined" || message.kind === "exception") return message.functionCode;
  return byKind.get(message.kind)!.code;
}

/** The second code of a message: the sub-function of diagnostics, the MEI type of code 43. Undefined for all others. */
export function subfunctionOf(message: Request | Response | ExceptionResponse): number | undefined {
  if (message.kind === "diagnostics") return message.subFunction;
  return byKind.get(message.kind)?.mei;
}

/**
 * The name of a function code: "read-holding-registers", or "user-defined". Undefined for unassigned codes.
 * Code 43 alone is "encapsulated-interface-transport"; with its MEI type it has a name of its own.
 */
export function functionName(code: number, mei?: number): string | undefined {
  if (code !== ENCAPSULATED_INTERFACE) return byCode[code]?.name;
  return mei === undefined ? "encapsulated-interface-transport" : byMei[mei]?.name;
}
