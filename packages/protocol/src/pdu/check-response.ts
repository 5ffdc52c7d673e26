import { bitBytes } from "../bytes.ts";
import { BadResponseError } from "../errors.ts";
import { checkIdentification } from "./check-identification.ts";
import { mayDiffer } from "./diagnostics.ts";
import { functionCodeOf } from "./lookup.ts";
import type { ExceptionResponse, Request, RequestKind, Response, ResponseTo } from "./messages.ts";

type Scalar = number | boolean;
type RequestOf<Kind extends RequestKind> = Extract<Request, { readonly kind: Kind }>;

function same(what: string, asked: Scalar, answered: Scalar): void {
  if (asked !== answered) throw new BadResponseError(`${what}: asked for ${asked}, answered ${answered}`);
}

function sameElements(what: string, asked: ArrayLike<number>, answered: ArrayLike<number>): void {
  same(`length of ${what}`, asked.length, answered.length);
  for (let index = 0; index < asked.length; index++) same(what, asked[index]!, answered[index]!);
}

interface Range {
  readonly address: number;
  readonly quantity: number;
}

function bitsAnswer(request: Range, response: { readonly bytes: Uint8Array }): void {
  same("byte count", bitBytes(request.quantity), response.bytes.length);
}

function registersAnswer(request: Range, response: { readonly registers: Uint16Array }): void {
  same("register count", request.quantity, response.registers.length);
}

interface SingleWrite {
  readonly address: number;
  readonly value: Scalar;
}

function singleWriteAnswer(request: SingleWrite, response: SingleWrite): void {
  same("address", request.address, response.address);
  same("value", request.value, response.value);
}

function rangeAnswer(address: number, quantity: number, response: Range): void {
  same("address", address, response.address);
  same("quantity", quantity, response.quantity);
}

function anything(): void {}

type Checks = {
  readonly [Kind in RequestKind]: (request: RequestOf<Kind>, response: ResponseTo<Kind>) => void;
};

const checks: Checks = Object.freeze<Checks>({
  "read-coils": bitsAnswer,
  "read-discrete-inputs": bitsAnswer,
  "read-holding-registers": registersAnswer,
  "read-input-registers": registersAnswer,
  "write-single-coil": singleWriteAnswer,
  "write-single-register": singleWriteAnswer,
  "write-multiple-coils": (request, response) => rangeAnswer(request.address, request.coils.length, response),
  "write-multiple-registers": (request, response) => rangeAnswer(request.address, request.values.length, response),
  "mask-write-register": (request, response) => {
    same("address", request.address, response.address);
    same("AND mask", request.andMask, response.andMask);
    same("OR mask", request.orMask, response.orMask);
  },
  "read-write-multiple-registers": (request, response) => {
    same("register count", request.readQuantity, response.registers.length);
  },
  "read-device-identification": checkIdentification,
  "read-exception-status": anything,
  diagnostics: (request, response) => {
    same("sub-function", request.subFunction, response.subFunction);
    if (!mayDiffer(request.subFunction)) sameElements("echo", request.data, response.data);
  },
  "get-comm-event-counter": anything,
  "get-comm-event-log": anything,
  "report-server-id": anything,
  "read-file-record": (request, response) => {
    same("number of records", request.records.length, response.records.length);
    for (let index = 0; index < request.records.length; index++) {
      same("record length", request.records[index]!.length, response.records[index]!.length);
    }
  },
  "write-file-record": (request, response) => {
    same("number of records", request.records.length, response.records.length);
    for (let index = 0; index < request.records.length; index++) {
      const asked = request.records[index]!;
      const answered = response.records[index]!;
      same("file", asked.file, answered.file);
      same("record", asked.record, answered.record);
      sameElements("registers", asked.values, answered.values);
    }
  },
  "read-fifo-queue": anything,
  "canopen-general-reference": anything,
  "user-defined": (request, response) => same("function code", request.functionCode, response.functionCode),
});

/**
 * Throws BadResponseError unless `response` answers `request`: the same function, as many bytes as the quantity asks
 * for, and for writes the echo. MODBUS Application Protocol V1.1b3 § 6; comparing the echo is stricter than the
 * client of the Messaging guide, because a device that confirms another write than the one asked for cannot be believed.
 * An exception answers any request of its function code.
 */
export function checkResponse(request: Request, response: Response | ExceptionResponse): void {
  if (request.kind !== response.kind) {
    checkOtherKind(request, response);
    return;
  }
  const check = checks[request.kind] as (request: Request, response: Response) => void;
  check(request, response);
}

/** Of another kind than the request only its exception may be. */
function checkOtherKind(request: Request, response: Response | ExceptionResponse): void {
  same("function code", functionCodeOf(request), functionCodeOf(response));
  if (response.kind === "exception") return;
  throw new BadResponseError(`a request of kind "${request.kind}" is not answered by "${response.kind}"`);
}
