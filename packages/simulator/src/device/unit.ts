import {
  decodePoint,
  encodePoint,
  type Point,
  type PointReading,
  type PointValue,
  type Profile,
} from "@modwarden/profile";
import { ModbusError } from "@modwarden/protocol";
import { Registers } from "./registers.ts";
import { saturatedWords } from "./saturate.ts";

/** One simulated device: a profile's points over its own registers. */
export class SimulatedUnit {
  /** Its name in the plant. */
  readonly id: string;
  /** 1 to 247, or 255. */
  readonly unit: number;
  readonly profile: Profile;
  readonly registers: Registers = new Registers();
  readonly #read = (table: Point["table"], address: number): number => this.registers.get(table, address);

  constructor(id: string, unit: number, profile: Profile) {
    this.id = id;
    this.unit = unit;
    this.profile = profile;
  }

  /** Throws RangeError for a point that the profile does not have. */
  point(id: string): Point {
    const point = this.profile.point(id);
    if (point === undefined) throw new RangeError(`${this.id} (${this.profile.name}) has no point ${id}`);
    return point;
  }

  reading(point: Point): PointReading {
    return decodePoint(this.profile, point, this.#read);
  }

  /** For expressions: truth is 1 and 0, and a point without a value counts as 0. */
  number(point: Point): number {
    const { value } = this.reading(point);
    return value === null || typeof value === "string" ? 0 : Number(value);
  }

  /** As if the device itself had it: also what a client may only read. Throws ERR_MODBUS_BAD_VALUE. */
  assign(point: Point, value: PointValue): void {
    this.registers.write(point.table, point.address, encodePoint(this.profile, point, value, this.#read));
  }

  /** What a rule computed. A register that is too small shows its greatest or least value; "not a number" changes nothing. */
  assignNumber(point: Point, value: number): void {
    if (Number.isNaN(value)) return;
    const given = point.type === "bool" ? value !== 0 : value;
    try {
      this.assign(point, given);
    } catch (error) {
      if (!(error instanceof ModbusError) || error.code !== "ERR_MODBUS_BAD_VALUE") throw error;
      const words = saturatedWords(point, value);
      if (words !== undefined) this.registers.write(point.table, point.address, words);
    }
  }
}
