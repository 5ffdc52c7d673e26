import { ModbusError } from "./errors.ts";

/**
 * Bytes written in hex. White space between digits is allowed, upper and lower case too.
 * Throws ERR_MODBUS_BAD_VALUE for any other character and for half a byte.
 */
export function parseHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `hex text has ${digits.length} digits: each byte needs two`);
  }
  const wrong = digits.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      `hex text has ${JSON.stringify(digits[wrong])} at digit ${wrong + 1}`,
    );
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** Lower-case hex without spaces. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
