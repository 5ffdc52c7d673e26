import { bitBytes } from "../bytes.ts";
import { BadResponseError } from "../errors.ts";
import { functionCodeOf } from "./lookup.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";

function mismatch(message: string): never {
  throw new BadResponseError(message);
}

function same(what: string, asked: number | boolean, answered: number | boolean): void {
  if (asked !== answered) mismatch(`${what}: asked for ${asked}, answered ${answered}`);
}

/**
 * Throws BadResponseError unless `response` answers `request`: the same function, as many bytes as the quantity asks
 * for, and for writes the echo. MODBUS Application Protocol V1.1b3 § 6; comparing the echo is stricter than the
 * client of the Messaging guide § 4.3.2, because a device that confirms another write than the one asked for lies.
 */
export function checkResponse(request: Request, response: Response | ExceptionResponse): void {
  same("function code", functionCodeOf(request), functionCodeOf(response));
  if (response.kind === "exception") return;
  switch (request.kind) {
    case "read-coils":
    case "read-discrete-inputs":
      if (response.kind !== request.kind) break;
      same("byte count", bitBytes(request.quantity), response.bytes.length);
      return;
    case "read-holding-registers":
    case "read-input-registers":
      if (response.kind !== request.kind) break;
      same("register count", request.quantity, response.registers.length);
      return;
    case "read-write-multiple-registers":
      if (response.kind !== request.kind) break;
      same("register count", request.readQuantity, response.registers.length);
      return;
    case "write-single-coil":
    case "write-single-register":
      if (response.kind !== request.kind) break;
      same("address", request.address, response.address);
      same("value", request.value, response.value);
      return;
    case "write-multiple-coils":
      if (response.kind !== request.kind) break;
      same("address", request.address, response.address);
      same("quantity", request.coils.length, response.quantity);
      return;
    case "write-multiple-registers":
      if (response.kind !== request.kind) break;
      same("address", request.address, response.address);
      same("quantity", request.values.length, response.quantity);
      return;
    case "mask-write-register":
      if (response.kind !== request.kind) break;
      same("address", request.address, response.address);
      same("AND mask", request.andMask, response.andMask);
      same("OR mask", request.orMask, response.orMask);
      return;
    case "read-device-identification":
      if (response.kind !== request.kind) break;
      return;
    case "user-defined":
      return;
  }
  mismatch(`a request of kind "${request.kind}" is not answered by "${response.kind}"`);
}
