import { type Access, accessesOf } from "@modwarden/access";
import {
  addressOverflow,
  encodeRequest,
  functionCodeOf,
  MAX_PDU,
  ModbusError,
  type Request,
  subfunctionOf,
} from "@modwarden/protocol";
import type { Question } from "../decide/question.ts";
import { functionReference } from "../language/function-reference.ts";
import type { AskedText, FunctionText } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { AskedError } from "./asked-error.ts";
import { askedMoment } from "./asked-moment.ts";
import { askedPoint } from "./asked-point.ts";
import { askedRequest } from "./asked-request.ts";

/**
 * The question that a person describes: `{ as: "Operator", unit: 3, write: "setpoint", value: 90 }`, or a function
 * with its fields, as in the tests of a policy file. Over TLS unless `transport` says otherwise.
 * Throws AskedError for what is no request, or not one that can be told from another.
 */
export function questionFor(asked: AskedText, devices: readonly PolicyDevice[]): Question {
  const { unit, device } = targetOf(asked, devices);
  const where = {
    device: device?.id ?? null,
    unit,
    ...(device?.profile === undefined ? {} : { profile: device.profile }),
  };
  const request = asked.function === undefined ? askedPoint(asked, device) : askedRequest(asked, asked.function);
  if (request !== undefined) mustFit(request);
  const { code, subfunction } = codeOf(request, asked.function);
  const unnamed: Access = { device: where.device, unit, table: null, address: 0, quantity: 0, write: true };
  return {
    subject: asked.as === null ? null : (asked.id ?? "asked"),
    role: asked.as,
    ...(asked.kind === undefined ? {} : { kind: asked.kind }),
    ...(asked.tags === undefined ? {} : { tags: asked.tags }),
    transport: asked.transport ?? "tls",
    ...(asked.listener === undefined ? {} : { listener: asked.listener }),
    ...(asked.from === undefined ? {} : { source: asked.from }),
    unit,
    device: where.device,
    functionCode: code,
    ...(subfunction === undefined ? {} : { subfunction }),
    accesses: request === undefined ? [unnamed] : accessesOf(request, where),
    ...(asked.at === undefined ? {} : { atMs: Date.parse(asked.at) }),
    moment: askedMoment(asked, device, devices),
  };
}

interface Target {
  readonly unit: number;
  readonly device: PolicyDevice | undefined;
}

function targetOf({ unit, device: id }: AskedText, devices: readonly PolicyDevice[]): Target {
  if (id !== undefined) {
    const device = devices.find((candidate) => candidate.id === id);
    if (device === undefined) {
      const known = devices.map((candidate) => candidate.id).join(", ");
      throw new AskedError(
        `there is no device "${id}": ${known === "" ? "no site is given" : `the site has ${known}`}`,
      );
    }
    if (unit !== undefined && unit !== device.unit)
      throw new AskedError(`device ${id} is unit ${device.unit}, not ${unit}`);
    return { unit: device.unit, device };
  }
  if (unit === undefined) throw new AskedError("say which unit or device");
  const [device, another] = devices.filter((candidate) => candidate.unit === unit);
  if (another !== undefined) throw new AskedError(`unit ${unit} is ${device?.id} and ${another.id}: say which device`);
  return { unit, device };
}

/** A request that no client can send would be a test of nothing. */
function mustFit(request: Request): void {
  try {
    encodeRequest(request, new Uint8Array(MAX_PDU), 0);
  } catch (error) {
    if (error instanceof ModbusError) throw new AskedError(error.message, { cause: error });
    throw error;
  }
  if (addressOverflow(request)) throw new AskedError("address and quantity reach beyond 65535");
}

function codeOf(
  request: Request | undefined,
  text: FunctionText | undefined,
): { readonly code: number; readonly subfunction?: number | undefined } {
  if (request !== undefined) return { code: functionCodeOf(request), subfunction: subfunctionOf(request) };
  return functionReference(text ?? 0);
}
