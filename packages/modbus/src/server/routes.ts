import { ModbusError } from "@modwarden/protocol";
import type { HandlerFunction, HandlerMethods } from "./handler.ts";

/** A handler for each unit; see `routeUnits`. */
export class UnitRoutes {
  readonly byUnit: ReadonlyMap<number, HandlerFunction | HandlerMethods>;
  readonly others: HandlerFunction | HandlerMethods | undefined;

  constructor(
    byUnit: ReadonlyMap<number, HandlerFunction | HandlerMethods>,
    others: HandlerFunction | HandlerMethods | undefined,
  ) {
    this.byUnit = byUnit;
    this.others = others;
  }
}

/**
 * A handler that hands each unit's requests to its own. Units without one are answered with 0A, gateway path
 * unavailable, unless `others` takes them; on a line nobody answers for them. A broadcast on a line goes to every
 * unit's handler. Over TCP 0 and 255 are units like any other here.
 */
export function routeUnits(
  units: Readonly<Record<number, HandlerFunction | HandlerMethods>>,
  others?: HandlerFunction | HandlerMethods,
): UnitRoutes {
  const byUnit = new Map<number, HandlerFunction | HandlerMethods>();
  for (const [text, handler] of Object.entries(units)) {
    const unit = Number(text);
    if (!Number.isInteger(unit) || unit < 0 || unit > 255) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `unit has to be a whole number from 0 to 255, not ${text}`);
    }
    byUnit.set(unit, handler);
  }
  return new UnitRoutes(byUnit, others);
}
