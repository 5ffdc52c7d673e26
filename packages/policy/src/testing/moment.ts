import type { Table } from "@modwarden/access";
import type { Extremes, KnownRegister, Moment } from "../index.ts";

/** What a test says is known, as plain data. */
export interface KnownPlant {
  /** By `device table address`. */
  readonly registers: Readonly<Record<string, KnownRegister>>;
  /** By `device table address`: greatest and smallest raw value, whatever the span of time. */
  readonly extremes?: Readonly<Record<string, Extremes>>;
  /** Ids of the rules whose bucket is empty. */
  readonly empty?: readonly string[];
  /** Ids of the rules under which the request has been approved. */
  readonly approved?: readonly string[];
}

export interface PlainMoment extends Moment {
  readonly plant: KnownPlant;
}

export function momentOf(plant: KnownPlant): PlainMoment {
  const name = (device: string, table: Table, address: number): string => `${device} ${table} ${address}`;
  return {
    plant,
    known: (device, table, address) => plant.registers[name(device, table, address)],
    extremes: (device, table, address) => plant.extremes?.[name(device, table, address)],
    hasToken: ({ rule }) => plant.empty?.includes(rule) !== true,
    approved: (rule) => plant.approved?.includes(rule) === true,
  };
}
