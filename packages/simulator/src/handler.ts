import { setTimeout as sleep } from "node:timers/promises";
import {
  type HandlerMethods,
  type HandlerResult,
  noReply,
  type RequestContext,
  ServerException,
} from "@modwarden/modbus";
import { functionCodeOf, type Request, type RequestKind, type Response } from "@modwarden/protocol";
import { answer } from "./device/answer.ts";
import type { Plant } from "./plant/plant.ts";

/** Over TCP a unit that is not there is answered as a gateway would. MODBUS Application Protocol V1.1b3 § 7 */
const TARGET_FAILED_TO_RESPOND = 0x0b;

/** The server refuses every other function code before it judges the rest of the request. */
const KINDS: readonly RequestKind[] = [
  "read-coils",
  "read-discrete-inputs",
  "read-holding-registers",
  "read-input-registers",
  "write-single-coil",
  "write-single-register",
  "write-multiple-coils",
  "write-multiple-registers",
  "mask-write-register",
  "read-write-multiple-registers",
  "read-device-identification",
];

/** Answers requests for a plant's units. `closing` ends the waits of late answers. */
export function plantHandler(plant: Plant, closing: AbortSignal): HandlerMethods {
  const handle = (request: Request, { unit, broadcast }: RequestContext): HandlerResult | Promise<HandlerResult> => {
    if (broadcast) return toAll(plant, request);
    const device = plant.unitAt(unit);
    if (device === undefined) throw new ServerException(TARGET_FAILED_TO_RESPOND);
    const fault = plant.lineFaults.meet(unit, functionCodeOf(request));
    if (fault?.kind === "no-answer") return noReply;
    if (fault?.kind === "exception") throw new ServerException(fault.code);
    if (fault?.kind === "late-answer") return late(() => answer(device, request), fault.delayMs, closing);
    return answer(device, request);
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, handle])) as HandlerMethods;
}

/** Every device of the line does what it can, and none answers. MODBUS over Serial Line V1.02 § 2.1 */
function toAll(plant: Plant, request: Request): HandlerResult {
  for (const device of plant.units) {
    try {
      answer(device, request);
    } catch (error) {
      if (!(error instanceof ServerException)) throw error;
    }
  }
  return noReply;
}

/** The device does what it is asked at once; only its answer is late. */
async function late(act: () => Response, delayMs: number, closing: AbortSignal): Promise<HandlerResult> {
  let result: Response | ServerException;
  try {
    result = act();
  } catch (error) {
    if (!(error instanceof ServerException)) throw error;
    result = error;
  }
  try {
    await sleep(delayMs, undefined, { ref: false, signal: closing });
  } catch {
    return noReply;
  }
  if (result instanceof ServerException) throw result;
  return result;
}
