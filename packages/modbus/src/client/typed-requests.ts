import {
  decodeValue,
  encodeValue,
  ModbusError,
  registerCount,
  type ValueType,
  type WordOrder,
  wordOrders,
} from "@modwarden/protocol";
import { oneOf } from "./check-options.ts";
import { DataRequests } from "./data-requests.ts";

/** What a value of each type is in a program. 64-bit integers are exact. */
export type ValueOf<Type extends ValueType> = Type extends "u64" | "s64"
  ? bigint
  : Type extends "bool"
    ? boolean
    : Type extends "string"
      ? string
      : number;

/** How a value stands in registers. */
export interface ValueForm {
  /** Where its bytes stand, A being the highest; default ABCD, the order of the specification. */
  readonly order?: WordOrder;
  /** Registers that it takes: for `string` needed, for `bcd` 1 to 3, for all others given by their type. */
  readonly length?: number;
}

export interface ReadForm extends ValueForm {
  /** Default: holding. */
  readonly table?: "holding" | "input";
}

export interface WriteForm extends ValueForm {
  /** Writes also a single register with function 16, for devices without function 6. Default false. */
  readonly multiple?: boolean;
}

/**
 * Values of registers instead of registers. One value or array is always one request and one answer: what does not
 * fit one is refused with `ERR_MODBUS_BAD_REQUEST`, because half of a value that changes meanwhile is none.
 */
export class TypedRequests<O> extends DataRequests<O> {
  /** One value of any type. */
  async read<Type extends ValueType>(address: number, type: Type, options?: O & ReadForm): Promise<ValueOf<Type>> {
    const [value] = await this.readArray(address, type, 1, options);
    return value!;
  }

  /** Values of one type that stand behind each other. */
  async readArray<Type extends ValueType>(
    address: number,
    type: Type,
    count: number,
    options?: O & ReadForm,
  ): Promise<ValueOf<Type>[]> {
    const { table = "holding", order = "ABCD", length }: ReadForm = options ?? {};
    // Needed for the answer only, and wrong already now.
    oneOf("order", order, wordOrders);
    oneOf("table", table, ["holding", "input"]);
    if (!Number.isInteger(count)) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `the number of values has to be a whole number, not ${count}`);
    }
    const width = registerCount(type, length);
    const registers =
      table === "input"
        ? await this.readInputRegisters(address, count * width, options)
        : await this.readHoldingRegisters(address, count * width, options);
    return Array.from(
      { length: count },
      (_, index) => decodeValue(type, order, registers, index * width, length) as ValueOf<Type>,
    );
  }

  /** One value of any type into holding registers: function 6 for a single register, else 16. */
  async write<Type extends ValueType>(
    address: number,
    type: Type,
    value: ValueOf<Type>,
    options?: O & WriteForm,
  ): Promise<void> {
    await this.writeArray(address, type, [value], options);
  }

  /** Values of one type behind each other. */
  async writeArray<Type extends ValueType>(
    address: number,
    type: Type,
    values: readonly ValueOf<Type>[],
    options?: O & WriteForm,
  ): Promise<void> {
    const { order = "ABCD", length, multiple = false }: WriteForm = options ?? {};
    const width = registerCount(type, length);
    const registers = new Uint16Array(width * values.length);
    for (const [index, value] of values.entries()) encodeValue(type, order, value, registers, index * width, length);
    if (registers.length === 1 && !multiple) await this.writeRegister(address, registers[0]!, options);
    else await this.writeRegisters(address, registers, options);
  }

  readInt16(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "s16", options);
  }

  readUint16(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "u16", options);
  }

  readInt32(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "s32", options);
  }

  readUint32(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "u32", options);
  }

  readInt64(address: number, options?: O & ReadForm): Promise<bigint> {
    return this.read(address, "s64", options);
  }

  readUint64(address: number, options?: O & ReadForm): Promise<bigint> {
    return this.read(address, "u64", options);
  }

  readFloat32(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "f32", options);
  }

  readFloat64(address: number, options?: O & ReadForm): Promise<number> {
    return this.read(address, "f64", options);
  }

  /** Two Latin-1 characters in a register, up to the first NUL, without trailing spaces. */
  readString(address: number, registers: number, options?: O & Omit<ReadForm, "length">): Promise<string> {
    return this.read(address, "string", { ...options, length: registers } as O & ReadForm);
  }

  writeInt16(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "s16", value, options);
  }

  writeUint16(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "u16", value, options);
  }

  writeInt32(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "s32", value, options);
  }

  writeUint32(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "u32", value, options);
  }

  writeInt64(address: number, value: bigint, options?: O & WriteForm): Promise<void> {
    return this.write(address, "s64", value, options);
  }

  writeUint64(address: number, value: bigint, options?: O & WriteForm): Promise<void> {
    return this.write(address, "u64", value, options);
  }

  writeFloat32(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "f32", value, options);
  }

  writeFloat64(address: number, value: number, options?: O & WriteForm): Promise<void> {
    return this.write(address, "f64", value, options);
  }

  /** Fills exactly `registers` registers; what the text leaves over is NUL. */
  writeString(
    address: number,
    value: string,
    registers: number,
    options?: O & Omit<WriteForm, "length">,
  ): Promise<void> {
    return this.write(address, "string", value, { ...options, length: registers } as O & WriteForm);
  }

  /** Bit 0 is the lowest of the register. */
  async readBit(address: number, bit: number, options?: O & ReadForm): Promise<boolean> {
    const mask = maskOf(bit);
    return ((await this.read(address, "u16", options)) & mask) !== 0;
  }

  /** The sixteen bits of a register, the lowest first. */
  async readBits(address: number, options?: O & ReadForm): Promise<boolean[]> {
    const word = await this.read(address, "u16", options);
    return Array.from({ length: 16 }, (_, bit) => ((word >>> bit) & 1) !== 0);
  }

  /** Changes one bit with function 22, so that whoever changes another bit at the same time is not overwritten. */
  async writeBit(address: number, bit: number, value: boolean, options?: O): Promise<void> {
    const mask = maskOf(bit);
    if (typeof value !== "boolean") {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a bit has to be true or false, not ${value}`);
    }
    await this.maskWriteRegister(address, 0xffff & ~mask, value ? mask : 0, options);
  }
}

function maskOf(bit: number): number {
  if (Number.isInteger(bit) && bit >= 0 && bit <= 15) return 1 << bit;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a register has bits 0 to 15 and no bit ${bit}`);
}
