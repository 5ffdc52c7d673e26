import { ModbusError } from "@modwarden/protocol";
import type { Transport } from "../link/link.ts";
import type { Handler } from "./handler.ts";
import { UnitRoutes } from "./routes.ts";

/** A serial port stands on one line with other stations; a connection over a network is this server's alone. */
export function isSerialPort(transport: Transport): boolean {
  return transport === "rtu" || transport === "ascii";
}

/** The units that somebody has named: in so many words, or as the routes of the handler. */
export function namedUnits(named: readonly number[] | undefined, handler: Handler): readonly number[] | undefined {
  if (named !== undefined) return named;
  const routed = handler instanceof UnitRoutes && handler.others === undefined;
  return routed ? [...handler.byUnit.keys()].filter((unit) => unit !== 0) : undefined;
}

/**
 * Which units a server answers for on a line: those that are named, else those that its handler routes. Where nothing
 * says it, a network connection is for every unit (1-247); on a serial port another station may be asked, and two that
 * answer spoil each other's words, so there it has to be said.
 * Throws `ERR_MODBUS_BAD_VALUE`.
 */
export function servedUnits(
  transport: Transport,
  named: readonly number[] | undefined,
  handler: Handler,
): (unit: number) => boolean {
  const units = namedUnits(named, handler);
  if (units === undefined) {
    if (isSerialPort(transport)) {
      throw new ModbusError(
        "ERR_MODBUS_BAD_VALUE",
        "a server on a serial port has to know its units, because others stand on the same line: " +
          "add ?unit=1 to its URL, or name them in the option `units`",
      );
    }
    return (unit) => unit >= 1 && unit <= 247;
  }
  const table = new Uint8Array(256);
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 1 || unit > 255) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a unit of a line is a whole number from 1 to 255, not ${unit}`);
    }
    table[unit] = 1;
  }
  return (unit) => table[unit] === 1;
}
