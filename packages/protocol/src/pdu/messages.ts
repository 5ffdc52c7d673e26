/** The messages of every function, as discriminated unions by `kind`. MODBUS Application Protocol V1.1b3 § 6 */
import type { ReadFileRecordRequest, ReadFileRecordResponse, WriteFileRecord } from "./file-messages.ts";

export interface ReadCoilsRequest {
  readonly kind: "read-coils";
  readonly address: number;
  readonly quantity: number;
}
export interface ReadDiscreteInputsRequest {
  readonly kind: "read-discrete-inputs";
  readonly address: number;
  readonly quantity: number;
}
/** `bytes`: the bits packed eight to a byte, lowest address in the lowest bit of the first byte. */
export interface ReadCoilsResponse {
  readonly kind: "read-coils";
  readonly bytes: Uint8Array;
}
export interface ReadDiscreteInputsResponse {
  readonly kind: "read-discrete-inputs";
  readonly bytes: Uint8Array;
}
export interface ReadHoldingRegistersRequest {
  readonly kind: "read-holding-registers";
  readonly address: number;
  readonly quantity: number;
}
export interface ReadInputRegistersRequest {
  readonly kind: "read-input-registers";
  readonly address: number;
  readonly quantity: number;
}
export interface ReadHoldingRegistersResponse {
  readonly kind: "read-holding-registers";
  readonly registers: Uint16Array;
}
export interface ReadInputRegistersResponse {
  readonly kind: "read-input-registers";
  readonly registers: Uint16Array;
}
/** Request and response: the response repeats the request. */
export interface WriteSingleCoil {
  readonly kind: "write-single-coil";
  readonly address: number;
  readonly value: boolean;
}
/** Request and response: the response repeats the request. */
export interface WriteSingleRegister {
  readonly kind: "write-single-register";
  readonly address: number;
  readonly value: number;
}
export interface WriteMultipleCoilsRequest {
  readonly kind: "write-multiple-coils";
  readonly address: number;
  readonly coils: readonly boolean[];
}
export interface WriteMultipleCoilsResponse {
  readonly kind: "write-multiple-coils";
  readonly address: number;
  readonly quantity: number;
}
export interface WriteMultipleRegistersRequest {
  readonly kind: "write-multiple-registers";
  readonly address: number;
  readonly values: Uint16Array;
}
export interface WriteMultipleRegistersResponse {
  readonly kind: "write-multiple-registers";
  readonly address: number;
  readonly quantity: number;
}
/** Request and response: the response repeats the request. New value = (current AND andMask) OR (orMask AND NOT andMask). */
export interface MaskWriteRegister {
  readonly kind: "mask-write-register";
  readonly address: number;
  readonly andMask: number;
  readonly orMask: number;
}
/** The write is performed before the read. */
export interface ReadWriteMultipleRegistersRequest {
  readonly kind: "read-write-multiple-registers";
  readonly readAddress: number;
  readonly readQuantity: number;
  readonly writeAddress: number;
  readonly values: Uint16Array;
}
export interface ReadWriteMultipleRegistersResponse {
  readonly kind: "read-write-multiple-registers";
  readonly registers: Uint16Array;
}
/** `readDeviceIdCode`: 1 basic, 2 regular, 3 extended (streams), 4 one object. */
export interface ReadDeviceIdentificationRequest {
  readonly kind: "read-device-identification";
  readonly readDeviceIdCode: number;
  readonly objectId: number;
}
export interface DeviceObject {
  readonly id: number;
  readonly value: Uint8Array;
}
export interface ReadDeviceIdentificationResponse {
  readonly kind: "read-device-identification";
  readonly readDeviceIdCode: number;
  readonly conformityLevel: number;
  readonly moreFollows: boolean;
  readonly nextObjectId: number;
  readonly objects: readonly DeviceObject[];
}
/** Request without fields. */
export interface ReadExceptionStatusRequest {
  readonly kind: "read-exception-status";
}
/** `status`: eight outputs of the device's own choice, one bit each. */
export interface ReadExceptionStatusResponse {
  readonly kind: "read-exception-status";
  readonly status: number;
}
/** Request and response. `data` is everything behind the sub-function, an even number of bytes. */
export interface Diagnostics {
  readonly kind: "diagnostics";
  readonly subFunction: number;
  readonly data: Uint8Array;
}
/** Request without fields. */
export interface GetCommEventCounterRequest {
  readonly kind: "get-comm-event-counter";
}
/** `status`: 0xFFFF while an earlier command is being worked on, else 0. */
export interface GetCommEventCounterResponse {
  readonly kind: "get-comm-event-counter";
  readonly status: number;
  readonly eventCount: number;
}
/** Request without fields. */
export interface GetCommEventLogRequest {
  readonly kind: "get-comm-event-log";
}
/** `events`: up to 64 event bytes, the newest first. */
export interface GetCommEventLogResponse {
  readonly kind: "get-comm-event-log";
  readonly status: number;
  readonly eventCount: number;
  readonly messageCount: number;
  readonly events: Uint8Array;
}
/** Request without fields. */
export interface ReportServerIdRequest {
  readonly kind: "report-server-id";
}
/** `data`: server id, run indicator and more; where the id ends only the device's manual says. */
export interface ReportServerIdResponse {
  readonly kind: "report-server-id";
  readonly data: Uint8Array;
}
/** `address` is the pointer register of the queue. */
export interface ReadFifoQueueRequest {
  readonly kind: "read-fifo-queue";
  readonly address: number;
}
/** Up to 31 registers; reading does not empty the queue. */
export interface ReadFifoQueueResponse {
  readonly kind: "read-fifo-queue";
  readonly values: Uint16Array;
}
/** Request or response: CANopen bytes, everything behind the MEI type. */
export interface CanopenGeneralReference {
  readonly kind: "canopen-general-reference";
  readonly data: Uint8Array;
}
/** Request or response of a function code in 65-72 or 100-110: `data` is everything behind the function code. */
export interface UserDefined {
  readonly kind: "user-defined";
  readonly functionCode: number;
  readonly data: Uint8Array;
}
/** `functionCode` without bit 7. `exception` as on the wire, 1-255. */
export interface ExceptionResponse {
  readonly kind: "exception";
  readonly functionCode: number;
  readonly exception: number;
}

export type Request =
  | ReadCoilsRequest
  | ReadDiscreteInputsRequest
  | ReadHoldingRegistersRequest
  | ReadInputRegistersRequest
  | WriteSingleCoil
  | WriteSingleRegister
  | WriteMultipleCoilsRequest
  | WriteMultipleRegistersRequest
  | MaskWriteRegister
  | ReadWriteMultipleRegistersRequest
  | ReadDeviceIdentificationRequest
  | ReadExceptionStatusRequest
  | Diagnostics
  | GetCommEventCounterRequest
  | GetCommEventLogRequest
  | ReportServerIdRequest
  | ReadFileRecordRequest
  | WriteFileRecord
  | ReadFifoQueueRequest
  | CanopenGeneralReference
  | UserDefined;

/** A successful response. */
export type Response =
  | ReadCoilsResponse
  | ReadDiscreteInputsResponse
  | ReadHoldingRegistersResponse
  | ReadInputRegistersResponse
  | WriteSingleCoil
  | WriteSingleRegister
  | WriteMultipleCoilsResponse
  | WriteMultipleRegistersResponse
  | MaskWriteRegister
  | ReadWriteMultipleRegistersResponse
  | ReadDeviceIdentificationResponse
  | ReadExceptionStatusResponse
  | Diagnostics
  | GetCommEventCounterResponse
  | GetCommEventLogResponse
  | ReportServerIdResponse
  | ReadFileRecordResponse
  | WriteFileRecord
  | ReadFifoQueueResponse
  | CanopenGeneralReference
  | UserDefined;

export type RequestKind = Request["kind"];
/** The successful response to a request of kind `Kind`. */
export type ResponseTo<Kind extends RequestKind> = Extract<Response, { readonly kind: Kind }>;
