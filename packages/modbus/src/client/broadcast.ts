import { describeRequest, ModbusError, type Request, type Response } from "@modwarden/protocol";

/** Restart, delimiter, listen only, clear counters, clear overrun: the sub-functions of 8 that ask nothing. */
const commands: readonly number[] = [1, 3, 4, 10, 20];

/**
 * What a device would answer that carried the request out: nobody answers a broadcast, and a caller gets the same
 * type as from one unit. Only writes may be broadcast. Serial Line V1.02 § 2.1
 * Throws `ERR_MODBUS_BAD_VALUE` for a request that asks for something.
 */
export function broadcastResponse(request: Request): Response {
  switch (request.kind) {
    case "write-single-coil":
    case "write-single-register":
    case "mask-write-register":
    case "write-file-record":
      return request;
    case "write-multiple-coils":
      return { kind: request.kind, address: request.address, quantity: request.coils.length };
    case "write-multiple-registers":
      return { kind: request.kind, address: request.address, quantity: request.values.length };
    case "diagnostics":
      if (commands.includes(request.subFunction)) return request;
      break;
  }
  throw new ModbusError(
    "ERR_MODBUS_BAD_VALUE",
    `unit 0 is every device of the line and none answers, so only writes go there: ${describeRequest(request)}`,
  );
}
