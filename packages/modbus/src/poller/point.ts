import {
  ADDRESS_SPACE,
  MAX_READ_BITS,
  MAX_READ_REGISTERS,
  ModbusError,
  registerCount,
  type ValueType,
  type WordOrder,
  wordOrders,
} from "@modwarden/protocol";

export type PollTable = "coil" | "discrete" | "holding" | "input";

export const pollTables: readonly PollTable[] = Object.freeze(["coil", "discrete", "holding", "input"] as const);

interface PollPlace {
  /** The reading's name, unique within its poller. */
  readonly id: string;
  /** Which of several clients; needed where the poller has several. */
  readonly client?: string;
  /** Default: the client's own unit. */
  readonly unit?: number;
  readonly table: PollTable;
  /** 0-based, as on the wire. */
  readonly address: number;
  /** Milliseconds from one read to the next; default: the poller's. */
  readonly everyMs?: number;
}

/** One value. In the tables `coil` and `discrete` it is a boolean, and `type`, `order` and `length` are not given. */
export interface PollPoint extends PollPlace {
  /** Default `u16`. */
  readonly type?: ValueType;
  /** Default `ABCD`. */
  readonly order?: WordOrder;
  /** Registers of a `string` or a `bcd`. */
  readonly length?: number;
}

/** Neighbouring addresses as they are: a `Uint16Array` of registers, or booleans. May be longer than one read. */
export interface PollRange extends PollPlace {
  readonly quantity: number;
}

/** What a point or a range holds. 64-bit integers are bigint. */
export type PollValue = number | bigint | boolean | string | Uint16Array | readonly boolean[];

/** What a device can do, and what it must not be asked. */
export interface PollLimits {
  /** Addresses that nobody asked for and that are read to join two points; default 0: none. */
  readonly maxGap?: number;
  /** Registers of one read, at most 125, which is the default. */
  readonly maxRegisters?: number;
  /** Coils or discrete inputs of one read, at most 2000, which is the default. */
  readonly maxBits?: number;
  /** Milliseconds for an answer; default: the client's. */
  readonly timeoutMs?: number;
}

/** What is different about one unit: the points that name the same client and the same unit, or neither. */
export interface PollDevice extends PollLimits {
  readonly client?: string;
  /** As its points name it; none where they name none and are the client's own unit. */
  readonly unit?: number;
  /** Addresses that are never read, such as those that reading changes. */
  readonly forbidden?: readonly PollForbidden[];
}

export interface PollForbidden {
  readonly table: PollTable;
  readonly address: number;
  /** Default 1. */
  readonly quantity?: number;
}

export function isRange(place: PollPoint | PollRange): place is PollRange {
  return "quantity" in place && place.quantity !== undefined;
}

export function isBits(table: PollTable): boolean {
  return table === "coil" || table === "discrete";
}

/** Addresses that a point or range takes. Throws ERR_MODBUS_BAD_VALUE. */
export function countOf(place: PollPoint | PollRange): number {
  const { type, order, length }: Partial<PollPoint> = place;
  const isPlain = type === undefined && order === undefined && length === undefined;
  if (isRange(place)) {
    if (!isPlain) throw badPoint(place.id, "a range has registers or bits as they are, and no type, order or length");
    return within("quantity", place.quantity, 1, ADDRESS_SPACE);
  }
  if (!isBits(place.table)) {
    if (order !== undefined && !wordOrders.includes(order)) {
      throw badPoint(place.id, `there is no order ${JSON.stringify(order)}: ${wordOrders.join(", ")} are`);
    }
    return registerCount(type ?? "u16", length);
  }
  if (isPlain) return 1;
  throw badPoint(place.id, `a ${place.table} is one bit and has no type, order or length`);
}

/** Addresses of one read of a table. Throws ERR_MODBUS_BAD_VALUE. */
export function maxLengthOf(table: PollTable, limits: PollLimits): number {
  return isBits(table)
    ? within("maxBits", limits.maxBits ?? MAX_READ_BITS, 1, MAX_READ_BITS)
    : within("maxRegisters", limits.maxRegisters ?? MAX_READ_REGISTERS, 1, MAX_READ_REGISTERS);
}

export function badPoint(id: string, reason: string): ModbusError {
  return new ModbusError("ERR_MODBUS_BAD_VALUE", `the point ${JSON.stringify(id)} cannot be polled: ${reason}`);
}

/** The value itself, a whole number. Throws ERR_MODBUS_BAD_VALUE. */
export function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ModbusError(
    "ERR_MODBUS_BAD_VALUE",
    `${name} has to be a whole number from ${least} to ${most}, not ${value}`,
  );
}
