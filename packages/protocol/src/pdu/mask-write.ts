import { putUint16, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import type { MaskWriteRegister } from "./messages.ts";
import { checkUint16, type Direction, expectLength } from "./refuse.ts";

const hex = (mask: number): string => `0x${mask.toString(16).padStart(4, "0")}`;

function codec(direction: Direction): Codec<MaskWriteRegister> {
  return freeze({
    kind: "mask-write-register",
    functionCode: 22,
    size: () => 7,
    encode(message, out, at) {
      checkUint16(message.address, "address");
      checkUint16(message.andMask, "AND mask");
      checkUint16(message.orMask, "OR mask");
      out[at] = 22;
      putUint16(out, at + 1, message.address);
      putUint16(out, at + 3, message.andMask);
      return putUint16(out, at + 5, message.orMask);
    },
    decode(bytes, at, end) {
      expectLength(direction, at, end, 7);
      return {
        kind: "mask-write-register",
        address: uint16(bytes, at + 1),
        andMask: uint16(bytes, at + 3),
        orMask: uint16(bytes, at + 5),
      };
    },
    describe: (message) => `mask register ${message.address}: AND ${hex(message.andMask)}, OR ${hex(message.orMask)}`,
  });
}

/** Change single bits of a holding register; the response repeats the request. MODBUS Application Protocol V1.1b3 § 6.16 */
export const maskWriteRegisterRequest: Codec<MaskWriteRegister> = codec("request");
export const maskWriteRegisterResponse: Codec<MaskWriteRegister> = codec("response");

/** The register's new value: (current AND andMask) OR (orMask AND NOT andMask). § 6.16 */
export function applyMask(current: number, andMask: number, orMask: number): number {
  return ((current & andMask) | (orMask & ~andMask)) & 0xffff;
}
