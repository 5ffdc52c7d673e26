import { ModbusError } from "@modwarden/protocol";

/** Looked at before anything is begun that could not be taken back. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.addEventListener === "function") return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", "the option signal is no AbortSignal");
}
