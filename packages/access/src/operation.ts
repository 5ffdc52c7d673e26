import { functionName, type Request, subfunctionOf } from "@modwarden/protocol";
import type { Operation } from "./transaction.ts";

/**
 * What is asked for. `functionCode` as received, bit 7 included where a client set it; `request` where the body
 * could be read, which tells the sub-function of 8 and the MEI type of 43.
 */
export function operationOf(functionCode: number, request?: Request): Operation {
  const subfunction = request === undefined ? undefined : subfunctionOf(request);
  const name = functionName(functionCode, subfunction) ?? request?.kind ?? "unknown";
  return subfunction === undefined ? { function: functionCode, name } : { function: functionCode, subfunction, name };
}
