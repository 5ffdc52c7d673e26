import { MAX_PDU, ModbusError, type Request, type RequestKind, type ResponseTo, unpackBits } from "@modwarden/protocol";
import { type IdentificationCategory, walkIdentification } from "./identification.ts";

/** What one request may say beyond the defaults of its client. */
export interface RequestOptions {
  /** 0-255; over TCP 0 and 255 mean the device itself. */
  readonly unit?: number;
  /** Milliseconds between sending the request and its answer. */
  readonly timeoutMs?: number;
  /** Gives the request up, also while it waits for its turn. A write that was sent may have been carried out. */
  readonly signal?: AbortSignal;
}

/** The same for a view that is bound to a unit. */
export type UnitRequestOptions = Omit<RequestOptions, "unit">;

/**
 * The two ways a request goes out; everything else is built on them.
 * `O` is `RequestOptions` for a client and `UnitRequestOptions` for a view of one unit.
 */
export interface Sender<O> {
  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options?: O,
  ): Promise<ResponseTo<Kind>>;
  raw(pdu: Uint8Array, options?: O): Promise<Uint8Array>;
}

/**
 * One method per thing to ask. Addresses are 0-based, results exactly as long as asked.
 * All reject with `ERR_MODBUS_EXCEPTION` (`ExceptionResponseError`) when the device answers with an exception,
 * `ERR_MODBUS_BAD_REQUEST` or `ERR_MODBUS_BAD_VALUE` for arguments outside the limits,
 * `ERR_MODBUS_BAD_RESPONSE` for an answer that does not fit the question, `ERR_MODBUS_TIMEOUT`,
 * `ERR_MODBUS_ABORTED`, `ERR_MODBUS_QUEUE_FULL`, and `ERR_MODBUS_CLOSED` or `ERR_MODBUS_REFUSED` when the
 * connection ends.
 */
export class UnitRequests<O> {
  readonly #sender: Sender<O>;

  constructor(sender: Sender<O>) {
    this.#sender = sender;
  }

  /** Sends any request of the protocol and resolves to its response, checked against it. */
  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options?: O,
  ): Promise<ResponseTo<Kind>> {
    return this.#sender.request(request, options);
  }

  /** Sends a PDU as it is, 1 to 253 bytes, and resolves to the response PDU as it came, exceptions included. */
  raw(pdu: Uint8Array, options?: O): Promise<Uint8Array> {
    return this.#sender.raw(pdu, options);
  }

  async readCoils(address: number, quantity: number, options?: O): Promise<boolean[]> {
    const { bytes } = await this.#sender.request({ kind: "read-coils", address, quantity }, options);
    return unpackBits(bytes, quantity);
  }

  async readDiscreteInputs(address: number, quantity: number, options?: O): Promise<boolean[]> {
    const { bytes } = await this.#sender.request({ kind: "read-discrete-inputs", address, quantity }, options);
    return unpackBits(bytes, quantity);
  }

  async readHoldingRegisters(address: number, quantity: number, options?: O): Promise<Uint16Array> {
    return (await this.#sender.request({ kind: "read-holding-registers", address, quantity }, options)).registers;
  }

  async readInputRegisters(address: number, quantity: number, options?: O): Promise<Uint16Array> {
    return (await this.#sender.request({ kind: "read-input-registers", address, quantity }, options)).registers;
  }

  async writeCoil(address: number, value: boolean, options?: O): Promise<void> {
    await this.#sender.request({ kind: "write-single-coil", address, value }, options);
  }

  async writeRegister(address: number, value: number, options?: O): Promise<void> {
    await this.#sender.request({ kind: "write-single-register", address, value }, options);
  }

  async writeCoils(address: number, coils: readonly boolean[], options?: O): Promise<void> {
    await this.#sender.request({ kind: "write-multiple-coils", address, coils }, options);
  }

  async writeRegisters(address: number, values: ArrayLike<number>, options?: O): Promise<void> {
    await this.#sender.request({ kind: "write-multiple-registers", address, values: toRegisters(values) }, options);
  }

  /** New value = (current AND andMask) OR (orMask AND NOT andMask). MODBUS Application Protocol V1.1b3 § 6.16 */
  async maskWriteRegister(address: number, andMask: number, orMask: number, options?: O): Promise<void> {
    await this.#sender.request({ kind: "mask-write-register", address, andMask, orMask }, options);
  }

  /** The device writes first and reads then. MODBUS Application Protocol V1.1b3 § 6.17 */
  async readWriteRegisters(
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: ArrayLike<number> },
    options?: O,
  ): Promise<Uint16Array> {
    const response = await this.#sender.request(
      {
        kind: "read-write-multiple-registers",
        readAddress: read.address,
        readQuantity: read.quantity,
        writeAddress: write.address,
        values: toRegisters(write.values),
      },
      options,
    );
    return response.registers;
  }

  /** Object id to text, following the device until nothing more follows. Default category: regular. */
  readDeviceIdentification(options?: O & { readonly category?: IdentificationCategory }): Promise<Map<number, string>> {
    return walkIdentification(options?.category ?? "regular", (readDeviceIdCode, objectId) =>
      this.#sender.request({ kind: "read-device-identification", readDeviceIdCode, objectId }, options),
    );
  }
}

/** A `Uint16Array` would cut a value that does not fit instead of refusing it. */
function toRegisters(values: ArrayLike<number>): Uint16Array {
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
