import { functionCodeOf, functionCodes, ModbusError, type RequestKind } from "@modwarden/protocol";
import {
  type Handler,
  type HandlerFunction,
  type HandlerMethods,
  type HandlerResult,
  noReply,
  ServerException,
} from "./handler.ts";
import { serialCodes } from "./options.ts";
import { noReads, type RegisterReads, registerReads } from "./register-reads.ts";
import { UnitRoutes } from "./routes.ts";
import type { ServedFunction } from "./serve-function.ts";
import { isStationCode, isStationKind, isStationRequest, type Stations, stationKinds } from "./stations.ts";

/** A handler in the form the server calls, and the function codes it has an answer for. */
export interface CompiledHandler {
  readonly handle: HandlerFunction;
  /**
   * By unit and function code: 1 when the unit answers it. The function code is judged before anything else of a
   * request, so what a handler lacks has to be known by code. MODBUS Application Protocol V1.1b3 § 7
   */
  readonly supported: readonly Uint8Array[];
  /** By unit: the arrays that need no call to be read. */
  readonly reads: readonly RegisterReads[];
}

export interface CompileOptions {
  /** Functions of the user. */
  readonly served: readonly ServedFunction[];
  /** The functions of `serialCodes` that may be answered. */
  readonly serial: readonly number[];
  /** Answers functions 8, 11 and 12 where the handler does not. */
  readonly stations: Stations;
  /** A handler that is a function answers them itself. */
  readonly ownDiagnostics: boolean;
  /** Unit 0 is all units, and units without a handler stay silent. */
  readonly line: boolean;
}

const gatewayPathUnavailable = 10;

export function compileHandler(handler: Handler, options: CompileOptions): CompiledHandler {
  if (handler instanceof UnitRoutes) return compileRoutes(handler, options);
  const { handle, codes, reads } = compileUnit(handler, options);
  return {
    handle,
    supported: Array.from({ length: 256 }, () => codes),
    reads: Array.from({ length: 256 }, () => reads),
  };
}

interface CompiledUnit {
  readonly handle: HandlerFunction;
  readonly codes: Uint8Array;
  readonly reads: RegisterReads;
}

function compileUnit(handler: HandlerFunction | HandlerMethods, options: CompileOptions): CompiledUnit {
  const { served, serial, stations, ownDiagnostics } = options;
  if (typeof handler !== "function" && (typeof handler !== "object" || handler === null)) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a handler is a function or an object of methods, not ${handler}`);
  }
  const functions = servedByCode(served);
  const answers = (kind: RequestKind): boolean => typeof handler === "function" || handler[kind] !== undefined;
  const own = typeof handler === "object" ? stationKinds.filter(answers) : ownDiagnostics ? stationKinds : [];
  const codes = new Uint8Array(256);
  for (const { code, request } of functionCodes) {
    const kind = request.kind as RequestKind;
    if (answers(kind) || functions.has(code) || isStationKind(kind)) codes[code] = 1;
  }
  for (const code of serialCodes) if (!serial.includes(code)) codes[code] = 0;
  const call = typeof handler === "function" ? handler : methodsFunction(handler);
  const reads = registerReads(handler);
  if (functions.size === 0 && !serial.some(isStationCode)) return { codes, reads, handle: call };
  return {
    codes,
    reads,
    handle(request, context) {
      if (request.kind === "user-defined") {
        return (functions.get(request.functionCode)?.handle ?? call)(request as never, context);
      }
      return isStationRequest(request) && !own.includes(request.kind)
        ? stations.answer(request, context)
        : call(request, context);
    },
  };
}

function methodsFunction(handler: HandlerMethods): HandlerFunction {
  return (request, context) => {
    const method = handler[request.kind] as HandlerFunction | undefined;
    if (method === undefined) throw new ServerException(1);
    return method.call(handler, request, context);
  };
}

function servedByCode(served: readonly ServedFunction[]): ReadonlyMap<number, ServedFunction> {
  const byCode = new Map<number, ServedFunction>();
  for (const one of served) {
    if (byCode.has(one.functionCode)) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `function ${one.functionCode} is served twice`);
    }
    byCode.set(one.functionCode, one);
  }
  return byCode;
}

function compileRoutes(routes: UnitRoutes, options: CompileOptions): CompiledHandler {
  const others = routes.others === undefined ? nobody(options.line) : compileUnit(routes.others, options);
  const units: CompiledUnit[] = Array.from({ length: 256 }, () => others);
  const routed: { readonly unit: number; readonly compiled: CompiledUnit }[] = [];
  for (const [unit, handler] of routes.byUnit) {
    const compiled = compileUnit(handler, options);
    units[unit] = compiled;
    routed.push({ unit, compiled });
  }
  if (options.line) units[0] = everybody(routed, options.stations);
  return {
    supported: units.map(({ codes }) => codes),
    reads: units.map(({ reads }) => reads),
    handle: (request, context) => units[context.unit]!.handle(request, context),
  };
}

/** Every function is known to exist, so that a body is judged before the unit's route (03, 02, then 0A). */
function nobody(line: boolean): CompiledUnit {
  return {
    codes: new Uint8Array(256).fill(1),
    reads: noReads,
    handle() {
      if (line) return noReply;
      throw new ServerException(gatewayPathUnavailable);
    },
  };
}

/** A broadcast: each unit does what it can, and nobody answers. MODBUS over Serial Line V1.02 § 2.1 */
function everybody(
  routed: readonly { readonly unit: number; readonly compiled: CompiledUnit }[],
  stations: Stations,
): CompiledUnit {
  const codes = new Uint8Array(256);
  for (const { compiled } of routed) for (let code = 0; code < 256; code += 1) codes[code]! |= compiled.codes[code]!;
  return {
    codes,
    reads: noReads,
    async handle(request, context): Promise<HandlerResult> {
      const code = functionCodeOf(request);
      const able = routed.filter(({ unit, compiled }) => compiled.codes[code] === 1 && !stations.at(unit).listenOnly);
      const done = await Promise.allSettled(able.map(async ({ compiled }) => compiled.handle(request, context)));
      const failed = done.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return noReply;
    },
  };
}
