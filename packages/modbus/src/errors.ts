import { ModbusError } from "@modwarden/protocol";

/** No answer came within the time the caller allowed. Whether a write was carried out is unknown. */
export class TimeoutError extends ModbusError {
  constructor(message: string) {
    super("ERR_MODBUS_TIMEOUT", message);
  }
}

/** No connection came about: nobody listens, the name does not resolve, the time for connecting is over. */
export class NoConnectionError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_NO_CONNECTION", message, options);
  }
}

/**
 * The peer was reached and TLS failed: one side does not accept the other's certificate, name or version.
 * With TLS 1.3 a server judges the client's certificate after the client has finished its handshake, so this
 * may also meet the first request of a connection that seemed to be open.
 */
export class RefusedError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_REFUSED", message, options);
  }
}

/** The connection ended before the answer came. Whether a write was carried out is unknown when it was sent. */
export class ClosedError extends ModbusError {
  /** False: not a byte of the request has left, so that it may be made again. */
  readonly sent: boolean;

  constructor(message: string, options: ErrorOptions & { readonly sent?: boolean } = {}) {
    super("ERR_MODBUS_CLOSED", message, options);
    this.sent = options.sent ?? true;
  }
}

/** The caller's `AbortSignal` fired; `cause` is its reason. */
export class AbortedError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_ABORTED", message, options);
  }
}

/** More requests wait for their turn on one connection than its queue may hold. */
export class QueueFullError extends ModbusError {
  constructor(message: string) {
    super("ERR_MODBUS_QUEUE_FULL", message);
  }
}

/** Serial ports need the package `serialport`, which is not installed: `npm install serialport`. */
export class NoSerialPortError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_NO_SERIALPORT", message, options);
  }
}

/** A URL that names no Modbus endpoint. */
export class BadUrlError extends ModbusError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_MODBUS_BAD_URL", message, options);
  }
}
