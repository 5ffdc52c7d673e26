import { putBytes, putUint16, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { BadPduError } from "../errors.ts";
import { MAX_PDU } from "../limits.ts";
import type { Diagnostics } from "./messages.ts";
import { checkRange, type Direction, refuse } from "./refuse.ts";

/** What the data field may hold. `echo`: any even number of bytes; `switch`: 0000 or FF00; `character`: CHAR 00. */
type Data = "echo" | "switch" | "character" | "zero" | "word" | "none";

interface SubFunction {
  readonly name: string;
  readonly request: Data;
  /** `none`: this sub-function is never answered. */
  readonly response: Data;
}

const counter = (name: string): SubFunction => ({ name, request: "zero", response: "word" });

/** MODBUS Application Protocol V1.1b3 § 6.8.1 */
const subFunctions: ReadonlyMap<number, SubFunction> = new Map([
  [0, { name: "returnQueryData", request: "echo", response: "echo" }],
  [1, { name: "restartComm", request: "switch", response: "switch" }],
  [2, counter("diagnosticRegister")],
  [3, { name: "changeAsciiDelimiter", request: "character", response: "character" }],
  [4, { name: "forceListenOnly", request: "zero", response: "none" }],
  [10, { name: "clearCounters", request: "zero", response: "zero" }],
  [11, counter("busMessageCount")],
  [12, counter("busCommErrorCount")],
  [13, counter("busExceptionErrorCount")],
  [14, counter("serverMessageCount")],
  [15, counter("serverNoResponseCount")],
  [16, counter("serverNakCount")],
  [17, counter("serverBusyCount")],
  [18, counter("busCharOverrunCount")],
  [20, { name: "clearOverrun", request: "zero", response: "zero" }],
]);

/** The name of a sub-function of function code 8, or undefined for an unassigned one. */
export function diagnosticName(subFunction: number): string | undefined {
  return subFunctions.get(subFunction)?.name;
}

/** Whether the answer carries a value of the device instead of the request's own data. § 6.8 */
export function mayDiffer(subFunction: number): boolean {
  return subFunctions.get(subFunction)?.response === "word";
}

/** What is wrong with `length` bytes of data, the first two of which are `word`; undefined when nothing is. */
function dataFault(data: Data, length: number, word: number): string | undefined {
  if (data === "none") return "force listen only mode has no response";
  if (length < 2 || length % 2 !== 0) return `${length} bytes of data are not an even number above 0`;
  if (data !== "echo" && length !== 2) return `${length} bytes of data instead of 2`;
  if (data === "zero" && word !== 0) return `data 0x${word.toString(16)} instead of 0`;
  if (data === "switch" && word !== 0 && word !== 0xff00) return `data 0x${word.toString(16)} is neither 0 nor 0xff00`;
  if (data === "character" && (word & 0xff) !== 0) return "the byte behind the delimiter is not 0";
  return undefined;
}

/** Function code and sub-function stand before the data. */
const HEADER = 3;

/** An unknown sub-function is an unknown function (01), so it is told before the length is looked at (03). § 6.8 */
function codec(direction: Direction): Codec<Diagnostics> {
  return freeze({
    kind: "diagnostics",
    functionCode: 8,
    size: (message) => HEADER + message.data.length,
    encode({ subFunction, data }, out, at) {
      const known = subFunctions.get(subFunction);
      if (known === undefined) throw new BadPduError(1, `diagnostic sub-function ${subFunction} is unknown`);
      checkRange(data.length, 0, MAX_PDU - HEADER, "data length");
      const fault = dataFault(known[direction], data.length, uint16(data, 0));
      if (fault !== undefined) throw new BadPduError(3, fault);
      out[at] = 8;
      putUint16(out, at + 1, subFunction);
      return putBytes(out, at + HEADER, data);
    },
    decode(bytes, at, end) {
      if (end - at < HEADER) refuse(direction, 3, "the sub-function is missing");
      const subFunction = uint16(bytes, at + 1);
      const known = subFunctions.get(subFunction);
      if (known === undefined) refuse(direction, 1, `diagnostic sub-function ${subFunction} is unknown`);
      const fault = dataFault(known[direction], end - at - HEADER, uint16(bytes, at + HEADER));
      if (fault !== undefined) refuse(direction, 3, fault);
      return { kind: "diagnostics", subFunction, data: bytes.slice(at + HEADER, end) };
    },
    describe: (message) => `diagnostics ${diagnosticName(message.subFunction)} with ${message.data.length} bytes`,
  });
}

/** Diagnostics, serial line only. MODBUS Application Protocol V1.1b3 § 6.8 */
export const diagnosticsRequest: Codec<Diagnostics> = codec("request");
export const diagnosticsResponse: Codec<Diagnostics> = codec("response");
