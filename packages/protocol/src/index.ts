/** Modbus bytes and their meaning: PDU codecs for every function code, framing, values, limits, errors. Pure. */
export { packBits, unpackBits } from "./bytes.ts";
export type { Codec } from "./codec.ts";
export * from "./errors.ts";
export { asciiContent, asciiFrame, lrc } from "./frame/ascii.ts";
export { AsciiSplitter } from "./frame/ascii-splitter.ts";
export type { LineCounts } from "./frame/line-counters.ts";
export { ClientSide, type LineSide, ServerSide } from "./frame/line-side.ts";
export type { EachFrame, LineSplitter } from "./frame/line-splitter.ts";
export { MBAP_HEADER, mbapFault, mbapTransaction, mbapUnit, writeMbap } from "./frame/mbap.ts";
export { crc16, rtuFrame } from "./frame/rtu.ts";
export { RtuSplitter } from "./frame/rtu-splitter.ts";
export {
  type DecodedFrame,
  decodeFrame,
  encodeFrame,
  type FrameEnvelope,
  type FrameTransport,
} from "./frame/single.ts";
export { type EachAdu, MbapSplitter } from "./frame/splitter.ts";
export { sum8, xor8 } from "./frame/sums.ts";
export { parseHex, toHex } from "./hex.ts";
export {
  ADDRESS_SPACE,
  MAX_ASCII_FRAME,
  MAX_PDU,
  MAX_READ_BITS,
  MAX_READ_REGISTERS,
  MAX_READ_WRITE_REGISTERS,
  MAX_RTU_ADU,
  MAX_TCP_ADU,
  MAX_WRITE_BITS,
  MAX_WRITE_REGISTERS,
} from "./limits.ts";
export { checkResponse } from "./pdu/check-response.ts";
export {
  defineFunction,
  type UserCodec,
  type UserFunction,
  type UserFunctionDefinition,
  type UserMessage,
} from "./pdu/define-function.ts";
export { diagnosticName } from "./pdu/diagnostics.ts";
export { exceptionName } from "./pdu/exception.ts";
export type * from "./pdu/file-messages.ts";
export { type FunctionCode, functionCodes, isUserDefined } from "./pdu/function-codes.ts";
export { functionCodeOf, functionName, subfunctionOf } from "./pdu/lookup.ts";
export { applyMask } from "./pdu/mask-write.ts";
export type * from "./pdu/messages.ts";
export { addressOverflow } from "./pdu/overflow.ts";
export { clearPadding } from "./pdu/padding.ts";
export {
  decodeRequest,
  decodeResponse,
  describeRequest,
  describeResponse,
  encodeRequest,
  encodeResponse,
  requestSize,
  responseSize,
} from "./pdu/pdu.ts";
export type { Direction } from "./pdu/refuse.ts";
export { type MessageJson, messageToJson } from "./pdu/to-json.ts";
export { decodeValue } from "./values/decode.ts";
export { encodeValue } from "./values/encode.ts";
export { registerCount, type ValueType, valueTypes, type WordOrder, wordOrders } from "./values/types.ts";
