import { MAX_PDU, ModbusError } from "@modwarden/protocol";

/** A `Uint16Array` would cut a value that does not fit instead of refusing it. */
export function toRegisters(values: ArrayLike<number>): Uint16Array {
  if (values instanceof Uint16Array) return values;
  if (!(values.length <= MAX_PDU)) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${values.length} registers do not fit one request`);
  }
  const registers = Uint16Array.from(values);
  for (let index = 0; index < registers.length; index += 1) {
    if (registers[index] !== values[index]) {
      throw new ModbusError(
        "ERR_MODBUS_BAD_VALUE",
        `value ${index} has to be a whole number from 0 to 65535, not ${values[index]}`,
      );
    }
  }
  return registers;
}
