import { toHex } from "../hex.ts";
import { functionCodeOf, functionName } from "./lookup.ts";
import type { DeviceObject, ExceptionResponse, Request, Response } from "./messages.ts";
import type { Direction } from "./refuse.ts";

/** A message as `decode --json` prints it; bytes are hex, registers are numbers. */
export interface MessageJson {
  readonly function: number;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** The message as a plain object. `direction` says whether it is to be read as a request or as a response. */
export function messageToJson(direction: Direction, message: Request | Response | ExceptionResponse): MessageJson {
  const code = functionCodeOf(message);
  if (message.kind === "exception") {
    const name = functionName(code);
    return { function: code, ...(name === undefined ? {} : { name }), exception: message.exception };
  }
  const fields = direction === "request" ? requestFields(message as Request) : responseFields(message as Response);
  return { function: code, name: message.kind, ...fields };
}

type Fields = { readonly [field: string]: unknown };

/** Latin-1 keeps every byte apart, whatever a device calls text. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function objectFields(objects: readonly DeviceObject[]): Fields {
  return Object.fromEntries(objects.map((object) => [String(object.id), text(object.value)]));
}

/** Fields that a message has in both directions. */
function commonFields(message: Extract<Request, Response>): Fields {
  switch (message.kind) {
    case "write-single-coil":
    case "write-single-register":
      return { address: message.address, value: message.value };
    case "mask-write-register":
      return { address: message.address, andMask: message.andMask, orMask: message.orMask };
    case "user-defined":
      return { userDefined: true, data: toHex(message.data) };
  }
}

function requestFields(message: Request): Fields {
  switch (message.kind) {
    case "read-coils":
    case "read-discrete-inputs":
    case "read-holding-registers":
    case "read-input-registers":
      return { address: message.address, quantity: message.quantity };
    case "write-multiple-coils":
      return { address: message.address, quantity: message.coils.length, coils: message.coils };
    case "write-multiple-registers":
      return { address: message.address, quantity: message.values.length, values: Array.from(message.values) };
    case "read-write-multiple-registers":
      return {
        readAddress: message.readAddress,
        readQuantity: message.readQuantity,
        writeAddress: message.writeAddress,
        writeQuantity: message.values.length,
        values: Array.from(message.values),
      };
    case "read-device-identification":
      return { mei: 14, readDeviceIdCode: message.readDeviceIdCode, objectId: message.objectId };
    default:
      return commonFields(message);
  }
}

function responseFields(message: Response): Fields {
  switch (message.kind) {
    case "read-coils":
    case "read-discrete-inputs":
      return { byteCount: message.bytes.length, bytes: toHex(message.bytes) };
    case "read-holding-registers":
    case "read-input-registers":
    case "read-write-multiple-registers":
      return { byteCount: 2 * message.registers.length, registers: Array.from(message.registers) };
    case "write-multiple-coils":
    case "write-multiple-registers":
      return { address: message.address, quantity: message.quantity };
    case "read-device-identification":
      return {
        mei: 14,
        readDeviceIdCode: message.readDeviceIdCode,
        conformityLevel: message.conformityLevel,
        moreFollows: message.moreFollows,
        nextObjectId: message.nextObjectId,
        objects: objectFields(message.objects),
      };
    default:
      return commonFields(message);
  }
}
