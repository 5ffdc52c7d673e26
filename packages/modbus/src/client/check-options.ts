import { ModbusError } from "@modwarden/protocol";
import { checkTimeout, checkUnit } from "../engine/engine.ts";
import type { ClientOptions } from "./client.ts";

const maxOutstanding = 1024;
/** More requests than that wait for longer than anybody does. */
const maxQueue = 1_048_576;

/** Whether a client can keep these, before it connects to anybody. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkClientOptions(options: ClientOptions): void {
  const { timeoutMs = 1000, outstanding = 1, queue = 1024, unit = 1, silentLimit = 0 } = options;
  const { anyTransaction = false, adusPerWrite = "one", framing = "mbap" } = options;
  checkTimeout(timeoutMs);
  checkUnit(unit);
  whole("outstanding", outstanding, 1, maxOutstanding);
  whole("queue", queue, 0, maxQueue);
  whole("silentLimit", silentLimit, 0, Number.MAX_SAFE_INTEGER);
  oneOf("adusPerWrite", adusPerWrite, ["one", "several"]);
  oneOf("framing", framing, ["mbap", "rtu", "ascii"]);
  if (anyTransaction && outstanding !== 1) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `anyTransaction goes with one request open, not ${outstanding}`);
  }
}

/** Throws `ERR_MODBUS_BAD_VALUE` for a value that is not among the choices. */
export function oneOf<Choice extends string>(option: string, value: Choice, choices: readonly Choice[]): void {
  if (choices.includes(value)) return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${option} has to be one of ${choices.join(", ")}, not ${value}`);
}

function whole(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ModbusError(
    "ERR_MODBUS_BAD_VALUE",
    `${option} has to be a whole number from ${least} to ${most}, not ${value}`,
  );
}
