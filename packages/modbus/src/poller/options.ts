import { ADDRESS_SPACE, MAX_READ_BITS, MAX_READ_REGISTERS, ModbusError } from "@modwarden/protocol";
import { checkTimeout } from "../engine/engine.ts";
import type { BackOff } from "./back-off.ts";
import type { PollClock } from "./clock.ts";
import type { GroupKey } from "./group.ts";
import type { Reading } from "./item.ts";
import type { Stretch } from "./plan.ts";
import {
  badPoint,
  isBits,
  maxLengthOf,
  type PollDevice,
  type PollLimits,
  type PollPoint,
  type PollRange,
  type PollTable,
  pollTables,
  within,
} from "./point.ts";

export interface PollerOptions extends PollLimits {
  /** What to poll; more can be added while it runs. At most 100,000. */
  readonly points?: readonly (PollPoint | PollRange)[];
  /** Milliseconds from one read of a point to the next, where the point says nothing else; default 1000. */
  readonly everyMs?: number;
  /** Units that differ from the rest. */
  readonly devices?: readonly PollDevice[];
  /**
   * How long a unit that did not answer is left alone. Default: a second, then twice as long each time, a minute at
   * most. A point that its device refuses is asked for in the same rhythm.
   */
  readonly backOff?: Partial<BackOff>;
  /** Reads that may be open at one client at one time; default 1. More need a client with as many `outstanding`. */
  readonly outstanding?: number;
  /** Called for every reading. What it throws becomes a process warning. */
  readonly onReading?: (reading: Reading) => void;
  /** Ends the poller for good. */
  readonly signal?: AbortSignal;
  /** Time; tests pass their own. */
  readonly clock?: PollClock;
}

/** A day: a longer period is somebody else's task. */
const maxPeriodMs = 86_400_000;
const defaultBackOff: BackOff = { minMs: 1000, maxMs: 60_000, factor: 2 };

/** Throws ERR_MODBUS_BAD_VALUE. */
export function backOffOf(options: PollerOptions): BackOff {
  const backOff = { ...defaultBackOff, ...options.backOff };
  within("backOff.minMs", backOff.minMs, 1, maxPeriodMs);
  within("backOff.maxMs", backOff.maxMs, backOff.minMs, maxPeriodMs);
  if (backOff.factor >= 1 && backOff.factor <= 100) return backOff;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `backOff.factor has to be from 1 to 100, not ${backOff.factor}`);
}

/** How a point is read: its own settings, then its device's, then the poller's. Throws ERR_MODBUS_BAD_VALUE. */
export function groupKeyOf(place: PollPoint | PollRange, options: PollerOptions): GroupKey {
  const { unit, table, client } = place;
  if (unit !== undefined) within("unit", unit, 0, 255);
  if (!pollTables.includes(table)) {
    throw badPoint(place.id, `there is no table ${JSON.stringify(table)}: ${pollTables.join(", ")} are`);
  }
  const device = options.devices?.find((each) => each.unit === unit && each.client === client);
  const limits = limitsOf(options, device);
  const everyMs = within("everyMs", place.everyMs ?? options.everyMs ?? 1000, 1, maxPeriodMs);
  return {
    unit,
    table,
    everyMs,
    maxGap: within("maxGap", limits.maxGap ?? 0, 0, isBits(table) ? 2000 : 125),
    maxLength: maxLengthOf(table, limits),
    timeoutMs: limits.timeoutMs,
    forbidden: forbiddenIn(table, device),
  };
}

/**
 * A device that is misspelt would be polled without its limits, so that all of them are looked at, whoever has points.
 * Throws ERR_MODBUS_BAD_VALUE.
 */
export function checkDevices(options: PollerOptions, clients: ReadonlySet<string | undefined>): void {
  const seen = new Set<string>();
  for (const device of options.devices ?? []) {
    const { client, unit } = device;
    const name = `the device ${JSON.stringify({ client, unit })}`;
    const refuse = (reason: string): never => {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${name} ${reason}`);
    };
    if (!clients.has(client)) refuse("names no client of the poller");
    if (unit !== undefined) within("unit", unit, 0, 255);
    if (seen.has(name)) refuse("is there twice");
    seen.add(name);
    const limits = limitsOf(options, device);
    within("maxGap", limits.maxGap ?? 0, 0, MAX_READ_BITS);
    for (const table of pollTables) {
      maxLengthOf(table, limits);
      forbiddenIn(table, device);
    }
    for (const { table } of device.forbidden ?? []) {
      if (!pollTables.includes(table)) refuse(`forbids a table that there is not, ${JSON.stringify(table)}`);
    }
  }
}

function limitsOf(options: PollerOptions, device: PollDevice | undefined): PollLimits {
  const timeoutMs = device?.timeoutMs ?? options.timeoutMs;
  if (timeoutMs !== undefined) checkTimeout(timeoutMs);
  const limits = {
    maxGap: device?.maxGap ?? options.maxGap ?? 0,
    maxRegisters: device?.maxRegisters ?? options.maxRegisters ?? MAX_READ_REGISTERS,
    maxBits: device?.maxBits ?? options.maxBits ?? MAX_READ_BITS,
  };
  return timeoutMs === undefined ? limits : { ...limits, timeoutMs };
}

function forbiddenIn(table: PollTable, device: PollDevice | undefined): Stretch[] {
  return (device?.forbidden ?? [])
    .filter((each) => each.table === table)
    .map(({ address, quantity = 1 }) => ({
      address: within("forbidden address", address, 0, ADDRESS_SPACE - 1),
      count: within("forbidden quantity", quantity, 1, ADDRESS_SPACE - address),
    }));
}
