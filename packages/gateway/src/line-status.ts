import type { Table } from "@modwarden/access";
import type { Bus } from "./bus.ts";
import type { ConnectionState } from "./device-connection.ts";

/** What a device looks like from the line: for status and the console. */
export interface DeviceStatus {
  readonly id: string;
  readonly state: ConnectionState;
  /** Times in a row that requests timed out. */
  readonly silent: number;
  readonly lastAnswerAgeMs: number | null;
  readonly queued: number;
  readonly inFlight: number;
}

/** Registers asked for. */
export interface ValueQuery {
  readonly device: string;
  readonly ranges: readonly { readonly table: Table; readonly address: number; readonly quantity: number }[];
}

/** What the line last saw of them, raw, each with its age; what it never saw is left out. */
export interface ValueAnswer {
  readonly device: string;
  readonly values: readonly {
    readonly table: Table;
    readonly address: number;
    readonly value: number;
    readonly ageMs: number;
  }[];
}

export function deviceStatus(bus: Bus, nowMs: number): DeviceStatus {
  return {
    id: bus.device.id,
    state: bus.state,
    silent: bus.silent,
    lastAnswerAgeMs: bus.lastAnswerMs === 0 ? null : Math.round(nowMs - bus.lastAnswerMs),
    queued: bus.queued,
    inFlight: bus.inFlight,
  };
}

export function answerValues(query: ValueQuery, bus: Bus | undefined, nowMs: number): ValueAnswer {
  const values: ValueAnswer["values"][number][] = [];
  for (const { table, address, quantity } of bus === undefined ? [] : query.ranges) {
    for (let at = address; at < address + quantity; at += 1) {
      const value = bus?.values.get(table, at);
      const seenMs = bus?.values.seenMs(table, at);
      if (value === undefined || seenMs === undefined) continue;
      values.push({ table, address: at, value, ageMs: Math.round(nowMs - seenMs) });
    }
  }
  return { device: query.device, values };
}
