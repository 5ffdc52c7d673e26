import { putUint16, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { COIL_OFF, COIL_ON } from "../limits.ts";
import type { WriteSingleCoil, WriteSingleRegister } from "./messages.ts";
import { checkBoolean, checkUint16, type Direction, expectLength, refuse } from "./refuse.ts";

function coilCodec(direction: Direction): Codec<WriteSingleCoil> {
  return freeze({
    kind: "write-single-coil",
    functionCode: 5,
    size: () => 5,
    encode(message, out, at) {
      checkUint16(message.address, "address");
      if (direction === "request") checkBoolean(message.value, "value");
      out[at] = 5;
      putUint16(out, at + 1, message.address);
      return putUint16(out, at + 3, message.value ? COIL_ON : COIL_OFF);
    },
    decode(bytes, at, end) {
      expectLength(direction, at, end, 5);
      const value = uint16(bytes, at + 3);
      if (value !== COIL_ON && value !== COIL_OFF) {
        refuse(direction, 3, `coil value 0x${value.toString(16)} is neither 0x0000 nor 0xff00`);
      }
      return { kind: "write-single-coil", address: uint16(bytes, at + 1), value: value === COIL_ON };
    },
    describe: (message) => `write coil ${message.address} := ${message.value ? "on" : "off"}`,
  });
}

function registerCodec(direction: Direction): Codec<WriteSingleRegister> {
  return freeze({
    kind: "write-single-register",
    functionCode: 6,
    size: () => 5,
    encode(message, out, at) {
      checkUint16(message.address, "address");
      checkUint16(message.value, "value");
      out[at] = 6;
      putUint16(out, at + 1, message.address);
      return putUint16(out, at + 3, message.value);
    },
    decode(bytes, at, end) {
      expectLength(direction, at, end, 5);
      return { kind: "write-single-register", address: uint16(bytes, at + 1), value: uint16(bytes, at + 3) };
    },
    describe: (message) => `write register ${message.address} := ${message.value}`,
  });
}

/** Write one coil; the response repeats the request. MODBUS Application Protocol V1.1b3 § 6.5 */
export const writeSingleCoilRequest: Codec<WriteSingleCoil> = coilCodec("request");
export const writeSingleCoilResponse: Codec<WriteSingleCoil> = coilCodec("response");

/** Write one holding register; the response repeats the request. § 6.6 */
export const writeSingleRegisterRequest: Codec<WriteSingleRegister> = registerCodec("request");
export const writeSingleRegisterResponse: Codec<WriteSingleRegister> = registerCodec("response");
