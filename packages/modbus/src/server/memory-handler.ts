import {
  ADDRESS_SPACE,
  applyMask,
  ModbusError,
  type ReadHoldingRegistersRequest,
  type ReadInputRegistersRequest,
} from "@modwarden/protocol";
import { type HandlerMethods, ServerException } from "./handler.ts";
import { answerIdentification } from "./identification.ts";
import { extraMethods } from "./memory-extras.ts";
import { readsFrom } from "./register-reads.ts";

/** What `createMemoryHandler` serves: sizes from address 0, or arrays that are used as they are. Default: everything. */
export interface MemoryTables {
  /** One element per coil, 0 or 1. */
  readonly coils?: number | Uint8Array;
  readonly discreteInputs?: number | Uint8Array;
  readonly holdingRegisters?: number | Uint16Array;
  readonly inputRegisters?: number | Uint16Array;
  /** Object id (0-255) to text of at most 244 bytes. Default: vendor, product and revision of this library. */
  readonly identification?: ReadonlyMap<number, string>;
  /** Function 7, when given: eight bits, or what tells them. On lines, else see `serialFunctions` of the server. */
  readonly exceptionStatus?: number | (() => number);
  /** Function 17, when given: id, run indicator (FF on, 00 off) and more, 1 to 251 bytes. As function 7. */
  readonly serverId?: Uint8Array;
  /** Functions 20 and 21, when given: file (1-65535) to its registers, of which record 0 is the first; at most 10,000. */
  readonly files?: ReadonlyMap<number, Uint16Array>;
  /** Function 24, when given: pointer address to the queue, which is answered with 03 while it has more than 31. */
  readonly queues?: ReadonlyMap<number, ArrayLike<number>>;
  /** Function 43/13, when given: what another protocol answers. */
  readonly canopen?: (data: Uint8Array) => Uint8Array;
}

/** What every memory device answers. */
type MemoryMethod =
  | "read-coils"
  | "read-discrete-inputs"
  | "read-holding-registers"
  | "read-input-registers"
  | "write-single-coil"
  | "write-single-register"
  | "write-multiple-coils"
  | "write-multiple-registers"
  | "mask-write-register"
  | "read-write-multiple-registers"
  | "read-device-identification";

/**
 * A handler over plain arrays, and the arrays: what is written there the next request reads. Its methods may be called
 * from a handler of one's own.
 */
export interface MemoryHandler
  extends Omit<HandlerMethods, MemoryMethod>,
    Required<Pick<HandlerMethods, MemoryMethod>> {
  readonly tables: {
    readonly coils: Uint8Array;
    readonly discreteInputs: Uint8Array;
    readonly holdingRegisters: Uint16Array;
    readonly inputRegisters: Uint16Array;
  };
}

const defaultIdentification: ReadonlyMap<number, string> = new Map([
  [0, "modwarden"],
  [1, "memory"],
  [2, "1"],
]);

/**
 * A device that is nothing but memory: every unit, functions 1-6, 15, 16, 22, 23 and 43/14, and of the others those
 * that `options` has something for. Throws `ERR_MODBUS_BAD_VALUE` for options that no device could have.
 */
export function createMemoryHandler(options: MemoryTables = {}): MemoryHandler {
  const coils = bits(options.coils);
  const discreteInputs = bits(options.discreteInputs);
  const holding = words(options.holdingRegisters);
  const input = words(options.inputRegisters);
  const objects = encodeObjects(options.identification ?? defaultIdentification);

  return {
    tables: { coils, discreteInputs, holdingRegisters: holding, inputRegisters: input },
    "read-coils": ({ kind, address, quantity }) => ({ kind, bytes: packed(coils, address, quantity) }),
    "read-discrete-inputs": ({ kind, address, quantity }) => ({
      kind,
      bytes: packed(discreteInputs, address, quantity),
    }),
    "read-holding-registers": readsFrom(holding, ({ kind, address, quantity }: ReadHoldingRegistersRequest) => ({
      kind,
      registers: slice(holding, address, quantity),
    })),
    "read-input-registers": readsFrom(input, ({ kind, address, quantity }: ReadInputRegistersRequest) => ({
      kind,
      registers: slice(input, address, quantity),
    })),
    "write-single-coil": (request) => {
      inside(coils, request.address, 1);
      coils[request.address] = request.value ? 1 : 0;
      return request;
    },
    "write-single-register": (request) => {
      inside(holding, request.address, 1);
      holding[request.address] = request.value;
      return request;
    },
    "write-multiple-coils": ({ kind, address, coils: values }) => {
      inside(coils, address, values.length);
      for (const [index, value] of values.entries()) coils[address + index] = value ? 1 : 0;
      return { kind, address, quantity: values.length };
    },
    "write-multiple-registers": ({ kind, address, values }) => {
      inside(holding, address, values.length);
      holding.set(values, address);
      return { kind, address, quantity: values.length };
    },
    "mask-write-register": (request) => {
      inside(holding, request.address, 1);
      holding[request.address] = applyMask(holding[request.address]!, request.andMask, request.orMask);
      return request;
    },
    "read-write-multiple-registers": ({ kind, readAddress, readQuantity, writeAddress, values }) => {
      inside(holding, readAddress, readQuantity);
      inside(holding, writeAddress, values.length);
      holding.set(values, writeAddress);
      return { kind, registers: slice(holding, readAddress, readQuantity) };
    },
    "read-device-identification": (request) => answerIdentification(request, objects),
    ...extraMethods(options),
  };
}

function bits(table: number | Uint8Array | undefined): Uint8Array {
  return table instanceof Uint8Array ? table : new Uint8Array(sizeOf(table));
}

function words(table: number | Uint16Array | undefined): Uint16Array {
  return table instanceof Uint16Array ? table : new Uint16Array(sizeOf(table));
}

function sizeOf(size: number | undefined): number {
  if (size === undefined) return ADDRESS_SPACE;
  if (Number.isInteger(size) && size >= 0 && size <= ADDRESS_SPACE) return size;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a table has 0 to ${ADDRESS_SPACE} elements, not ${size}`);
}

function inside(table: ArrayLike<number>, address: number, quantity: number): void {
  if (address + quantity > table.length) throw new ServerException(2);
}

function slice(table: Uint16Array, address: number, quantity: number): Uint16Array {
  inside(table, address, quantity);
  return table.slice(address, address + quantity);
}

function packed(table: Uint8Array, address: number, quantity: number): Uint8Array {
  inside(table, address, quantity);
  const bytes = new Uint8Array(Math.ceil(quantity / 8));
  for (let index = 0; index < quantity; index += 1) {
    if (table[address + index] !== 0) bytes[index >> 3]! |= 1 << (index & 7);
  }
  return bytes;
}

function encodeObjects(texts: ReadonlyMap<number, string>): Map<number, Uint8Array> {
  const encoder = new TextEncoder();
  const objects = new Map<number, Uint8Array>();
  for (const [id, text] of texts) {
    const value = encoder.encode(text);
    // An object is never divided, so it has to fit one response.
    if (!Number.isInteger(id) || id < 0 || id > 255 || value.length > 244) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `identification object ${id} cannot be sent`);
    }
    objects.set(id, value);
  }
  return objects;
}
