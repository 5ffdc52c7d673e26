/**
 * A closed set of errors by cause. Callers branch on `code`, never on the sentence.
 * `ModbusError` is the base of everything this library throws.
 */
export type ModbusErrorCode =
  | "ERR_MODBUS_EXCEPTION"
  | "ERR_MODBUS_BAD_REQUEST"
  | "ERR_MODBUS_BAD_FRAME"
  | "ERR_MODBUS_BAD_RESPONSE"
  | "ERR_MODBUS_TIMEOUT"
  | "ERR_MODBUS_NO_CONNECTION"
  | "ERR_MODBUS_REFUSED"
  | "ERR_MODBUS_NO_SERIALPORT"
  | "ERR_MODBUS_QUEUE_FULL"
  | "ERR_MODBUS_CLOSED"
  | "ERR_MODBUS_ABORTED"
  | "ERR_MODBUS_BAD_VALUE"
  | "ERR_MODBUS_BAD_URL";

export class ModbusError extends Error {
  readonly code: ModbusErrorCode;

  constructor(code: ModbusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/**
 * A PDU or frame that breaks the specification's rules on its own terms.
 * `exception` is what a server answers to such a request: 1 (function code unknown), 3 (lengths, counts,
 * field values) or 2 (a field that the specification checks as an address). MODBUS Application Protocol V1.1b3 § 7
 */
export class BadPduError extends ModbusError {
  readonly exception: 1 | 2 | 3;

  constructor(exception: 1 | 2 | 3, message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_BAD_REQUEST", message, options);
    this.exception = exception;
  }
}

/** A response whose bytes break the specification, or that does not answer its request. */
export class BadResponseError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_BAD_RESPONSE", message, options);
  }
}

/** A frame that cannot be one: wrong protocol id, impossible length, wrong check sum. */
export class BadFrameError extends ModbusError {
  constructor(message: string) {
    super("ERR_MODBUS_BAD_FRAME", message);
  }
}

/** The device answered with an exception. `exception` is the code on the wire, also when it is unassigned. */
export class ExceptionResponseError extends ModbusError {
  readonly functionCode: number;
  readonly exception: number;

  constructor(functionCode: number, exception: number, name: string) {
    super("ERR_MODBUS_EXCEPTION", `function ${functionCode} was answered with exception ${exception} (${name})`);
    this.functionCode = functionCode;
    this.exception = exception;
  }
}
