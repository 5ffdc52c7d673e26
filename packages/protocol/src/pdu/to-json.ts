import { toHex } from "../hex.ts";
import { MEI_CANOPEN, MEI_DEVICE_IDENTIFICATION } from "../limits.ts";
import { diagnosticName } from "./diagnostics.ts";
import { functionCodeOf, functionName } from "./lookup.ts";
import type { DeviceObject, Diagnostics, ExceptionResponse, Request, Response } from "./messages.ts";
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

/** The sub-function's name says more than "diagnostics" and takes its place. */
function diagnosticFields({ subFunction, data }: Diagnostics): Fields {
  return { subFunction, name: diagnosticName(subFunction) ?? "diagnostics", data: toHex(data) };
}

/** Fields that a message has in both directions. */
function commonFields(message: Extract<Request, Response>): Fields {
  switch (message.kind) {
    case "write-single-coil":
    case "write-single-register":
      return { address: message.address, value: message.value };
    case "mask-write-register":
      return { address: message.address, andMask: message.andMask, orMask: message.orMask };
    case "write-file-record":
      return {
        records: message.records.map(({ file, record, values }) => ({ file, record, data: Array.from(values) })),
      };
    case "diagnostics":
      return diagnosticFields(message);
    case "canopen-general-reference":
      return { mei: MEI_CANOPEN, data: toHex(message.data) };
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
      return { mei: MEI_DEVICE_IDENTIFICATION, readDeviceIdCode: message.readDeviceIdCode, objectId: message.objectId };
    case "read-exception-status":
    case "get-comm-event-counter":
    case "get-comm-event-log":
    case "report-server-id":
      return {};
    case "read-file-record":
      return { records: message.records };
    case "read-fifo-queue":
      return { fifoPointerAddress: message.address };
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
        mei: MEI_DEVICE_IDENTIFICATION,
        readDeviceIdCode: message.readDeviceIdCode,
        conformityLevel: message.conformityLevel,
        moreFollows: message.moreFollows,
        nextObjectId: message.nextObjectId,
        objects: objectFields(message.objects),
      };
    case "read-exception-status":
      return { status: message.status };
    case "get-comm-event-counter":
      return { status: message.status, eventCount: message.eventCount };
    case "get-comm-event-log":
      return {
        status: message.status,
        eventCount: message.eventCount,
        messageCount: message.messageCount,
        events: Array.from(message.events),
      };
    case "report-server-id":
      return { byteCount: message.data.length, data: toHex(message.data) };
    case "read-file-record":
      return { records: message.records.map((values) => Array.from(values)) };
    case "read-fifo-queue":
      return { count: message.values.length, values: Array.from(message.values) };
    default:
      return commonFields(message);
  }
}
