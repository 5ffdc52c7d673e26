import { type Request, type RequestKind, type ResponseTo, type UserFunction, unpackBits } from "@modwarden/protocol";
import { toRegisters } from "./registers.ts";
import type { Sender } from "./sender.ts";

/** Requests as they are, and those for bits and registers: functions 1 to 6, 15, 16, 22 and 23. */
export class DataRequests<O> {
  protected readonly sender: Sender<O>;

  constructor(sender: Sender<O>) {
    this.sender = sender;
  }

  /** Sends any request of the protocol and resolves to its response, checked against it. */
  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options?: O,
  ): Promise<ResponseTo<Kind>> {
    return this.sender.request(request, options);
  }

  /** Sends a PDU as it is, 1 to 253 bytes, and resolves to the response PDU as it came, exceptions included. */
  raw(pdu: Uint8Array, options?: O): Promise<Uint8Array> {
    return this.sender.raw(pdu, options);
  }

  /** Asks a function that `defineFunction` has given a meaning, and resolves to what its answer means. */
  async call<Asked, Answered>(called: UserFunction<Asked, Answered>, message: Asked, options?: O): Promise<Answered> {
    return called.response.decode(await this.sender.request(called.request.encode(message), options));
  }

  readCoils(address: number, quantity: number, options?: O): Promise<boolean[]> {
    return this.sender.ask(
      { kind: "read-coils", address, quantity },
      ({ bytes }) => unpackBits(bytes, quantity),
      options,
    );
  }

  readDiscreteInputs(address: number, quantity: number, options?: O): Promise<boolean[]> {
    const request = { kind: "read-discrete-inputs", address, quantity } as const;
    return this.sender.ask(request, ({ bytes }) => unpackBits(bytes, quantity), options);
  }

  readHoldingRegisters(address: number, quantity: number, options?: O): Promise<Uint16Array> {
    return this.sender.ask({ kind: "read-holding-registers", address, quantity }, registersOf, options);
  }

  readInputRegisters(address: number, quantity: number, options?: O): Promise<Uint16Array> {
    return this.sender.ask({ kind: "read-input-registers", address, quantity }, registersOf, options);
  }

  writeCoil(address: number, value: boolean, options?: O): Promise<void> {
    return this.sender.ask({ kind: "write-single-coil", address, value }, nothing, options);
  }

  writeRegister(address: number, value: number, options?: O): Promise<void> {
    return this.sender.ask({ kind: "write-single-register", address, value }, nothing, options);
  }

  async writeCoils(address: number, coils: readonly boolean[], options?: O): Promise<void> {
    await this.sender.request({ kind: "write-multiple-coils", address, coils }, options);
  }

  async writeRegisters(address: number, values: ArrayLike<number>, options?: O): Promise<void> {
    await this.sender.request({ kind: "write-multiple-registers", address, values: toRegisters(values) }, options);
  }

  /** New value = (current AND andMask) OR (orMask AND NOT andMask). MODBUS Application Protocol V1.1b3 § 6.16 */
  async maskWriteRegister(address: number, andMask: number, orMask: number, options?: O): Promise<void> {
    await this.sender.request({ kind: "mask-write-register", address, andMask, orMask }, options);
  }

  /** The device writes first and reads then. MODBUS Application Protocol V1.1b3 § 6.17 */
  async readWriteRegisters(
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: ArrayLike<number> },
    options?: O,
  ): Promise<Uint16Array> {
    const response = await this.sender.request(
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
}

function registersOf({ registers }: { readonly registers: Uint16Array }): Uint16Array {
  return registers;
}

function nothing(): void {}
