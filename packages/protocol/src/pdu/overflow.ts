import { ADDRESS_SPACE } from "../limits.ts";
import type { Request } from "./messages.ts";

/**
 * Whether the request runs beyond the last address. Such a request is well-formed; the server answers 02.
 * MODBUS Application Protocol V1.1b3 § 6, "Starting Address + Quantity"
 */
export function addressOverflow(request: Request): boolean {
  switch (request.kind) {
    case "read-coils":
    case "read-discrete-inputs":
    case "read-holding-registers":
    case "read-input-registers":
      return request.address + request.quantity > ADDRESS_SPACE;
    case "write-multiple-coils":
      return request.address + request.coils.length > ADDRESS_SPACE;
    case "write-multiple-registers":
      return request.address + request.values.length > ADDRESS_SPACE;
    case "read-write-multiple-registers":
      return (
        request.readAddress + request.readQuantity > ADDRESS_SPACE ||
        request.writeAddress + request.values.length > ADDRESS_SPACE
      );
    default:
      return false;
  }
}
