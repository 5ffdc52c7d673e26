import type { Codec } from "../codec.ts";
import { MEI_CANOPEN, MEI_DEVICE_IDENTIFICATION } from "../limits.ts";
import { canopenGeneralReference } from "./canopen.ts";
import { readDeviceIdentificationRequest, readDeviceIdentificationResponse } from "./device-identification.ts";
import { diagnosticsRequest, diagnosticsResponse } from "./diagnostics.ts";
import { readFifoQueueRequest, readFifoQueueResponse } from "./fifo-queue.ts";
import { maskWriteRegisterRequest, maskWriteRegisterResponse } from "./mask-write.ts";
import type { Request, Response } from "./messages.ts";
import {
  readCoilsRequest,
  readCoilsResponse,
  readDiscreteInputsRequest,
  readDiscreteInputsResponse,
} from "./read-bits.ts";
import { readFileRecordRequest, readFileRecordResponse } from "./read-file.ts";
import {
  readHoldingRegistersRequest,
  readHoldingRegistersResponse,
  readInputRegistersRequest,
  readInputRegistersResponse,
  readWriteMultipleRegistersResponse,
} from "./read-registers.ts";
import { readWriteMultipleRegistersRequest } from "./read-write.ts";
import {
  getCommEventCounterRequest,
  getCommEventCounterResponse,
  getCommEventLogRequest,
  getCommEventLogResponse,
  readExceptionStatusRequest,
  readExceptionStatusResponse,
} from "./serial-status.ts";
import { reportServerIdRequest, reportServerIdResponse } from "./server-id.ts";
import { userDefinedCodec } from "./user-defined.ts";
import { writeFileRecordRequest, writeFileRecordResponse } from "./write-file.ts";
import {
  writeMultipleCoilsRequest,
  writeMultipleCoilsResponse,
  writeMultipleRegistersRequest,
  writeMultipleRegistersResponse,
} from "./write-multiple.ts";
import {
  writeSingleCoilRequest,
  writeSingleCoilResponse,
  writeSingleRegisterRequest,
  writeSingleRegisterResponse,
} from "./write-single.ts";

/** One function: its code, for code 43 its MEI type, its name, and a codec for each direction. */
export interface FunctionCode {
  readonly code: number;
  readonly mei?: number;
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

function row(request: Codec<Request>, response: Codec<Response>, mei?: number): FunctionCode {
  const { functionCode: code, kind: name } = request;
  return Object.freeze(mei === undefined ? { code, name, request, response } : { code, mei, name, request, response });
}

/** The codes that § 5.1 leaves to vendors. */
export function isUserDefined(code: number): boolean {
  return (code >= 65 && code <= 72) || (code >= 100 && code <= 110);
}

function userDefinedRow(code: number): FunctionCode {
  const codec = userDefinedCodec(code);
  return row(codec, codec);
}

/** Every function code there is. MODBUS Application Protocol V1.1b3 § 5.1 and § 6 */
export const functionCodes: readonly FunctionCode[] = Object.freeze([
  row(readCoilsRequest, readCoilsResponse),
  row(readDiscreteInputsRequest, readDiscreteInputsResponse),
  row(readHoldingRegistersRequest, readHoldingRegistersResponse),
  row(readInputRegistersRequest, readInputRegistersResponse),
  row(writeSingleCoilRequest, writeSingleCoilResponse),
  row(writeSingleRegisterRequest, writeSingleRegisterResponse),
  row(readExceptionStatusRequest, readExceptionStatusResponse),
  row(diagnosticsRequest, diagnosticsResponse),
  row(getCommEventCounterRequest, getCommEventCounterResponse),
  row(getCommEventLogRequest, getCommEventLogResponse),
  row(writeMultipleCoilsRequest, writeMultipleCoilsResponse),
  row(writeMultipleRegistersRequest, writeMultipleRegistersResponse),
  row(reportServerIdRequest, reportServerIdResponse),
  row(readFileRecordRequest, readFileRecordResponse),
  row(writeFileRecordRequest, writeFileRecordResponse),
  row(maskWriteRegisterRequest, maskWriteRegisterResponse),
  row(readWriteMultipleRegistersRequest, readWriteMultipleRegistersResponse),
  row(readFifoQueueRequest, readFifoQueueResponse),
  row(canopenGeneralReference, canopenGeneralReference, MEI_CANOPEN),
  row(readDeviceIdentificationRequest, readDeviceIdentificationResponse, MEI_DEVICE_IDENTIFICATION),
  ...[65, 66, 67, 68, 69, 70, 71, 72].map(userDefinedRow),
  ...[100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110].map(userDefinedRow),
]);
