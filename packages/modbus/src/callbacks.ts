import { ModbusError } from "@modwarden/protocol";

/** A listener that is none would be found out in the middle of somebody's connection. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkListener(listener: unknown): void {
  if (typeof listener === "function") return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", "a listener has to be a function");
}

/** Looked at before anything is begun that could not be taken back. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.addEventListener === "function") return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", "the option signal is no AbortSignal");
}
