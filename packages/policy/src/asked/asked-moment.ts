import type { Table } from "@modwarden/access";
import { encodePoint, type Profile } from "@modwarden/profile";
import { ModbusError } from "@modwarden/protocol";
import type { KnownRegister, Moment } from "../decide/moment.ts";
import type { AskedText, KnownText } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { AskedError } from "./asked-error.ts";

/**
 * The moment that a person describes: `known: { setpoint: 40, "meter.power": { value: 2000, ageMs: 500 } }`. Buckets are
 * full, nothing moved before. Throws AskedError.
 */
export function askedMoment(
  { known = {}, approved = false }: AskedText,
  device: PolicyDevice | undefined,
  devices: readonly PolicyDevice[],
): Moment {
  const registers = new Map<string, KnownRegister>();
  for (const [name, text] of Object.entries(known)) enter(registers, name, text, device, devices);
  return {
    known: (id, table, address) => registers.get(nameOf(id, table, address)),
    extremes: () => undefined,
    hasToken: () => true,
    approved: () => approved,
  };
}

function nameOf(device: string, table: Table, address: number): string {
  return `${table} ${address} ${device}`;
}

function enter(
  registers: Map<string, KnownRegister>,
  name: string,
  text: KnownText,
  asked: PolicyDevice | undefined,
  devices: readonly PolicyDevice[],
): void {
  const { value, ageMs } = typeof text === "object" ? text : { value: text, ageMs: 0 };
  const register = /^(coil|discrete|holding|input) (\d{1,5})$/.exec(name);
  if (register !== null) {
    if (asked === undefined) throw new AskedError(`known "${name}": no device of the site is asked`);
    const raw = Number(value);
    if (!(Number.isInteger(raw) && raw >= 0 && raw <= 65_535)) {
      throw new AskedError(`known "${name}": a register is 0 to 65535, not ${value}`);
    }
    registers.set(nameOf(asked.id, register[1] as Table, Number(register[2])), { value: raw, ageMs });
    return;
  }
  const { device, pointName } = find(name, asked, devices);
  const { profile } = device;
  const point = profile?.point(pointName);
  if (profile === undefined || point === undefined) {
    throw new AskedError(`known "${name}": device ${device.id} has no point "${pointName}"`);
  }
  const words = encode(profile, name, pointName, value);
  for (const [index, word] of words.entries()) {
    registers.set(nameOf(device.id, point.table, point.address + index), { value: word, ageMs });
  }
}

function find(
  name: string,
  asked: PolicyDevice | undefined,
  devices: readonly PolicyDevice[],
): { readonly device: PolicyDevice; readonly pointName: string } {
  const dot = name.indexOf(".");
  const named = dot < 0 ? undefined : devices.find(({ id }) => id === name.slice(0, dot));
  if (named !== undefined) return { device: named, pointName: name.slice(dot + 1) };
  if (asked === undefined) throw new AskedError(`known "${name}": no device of the site is asked`);
  return { device: asked, pointName: name };
}

function encode(profile: Profile, name: string, pointName: string, value: number | boolean): Uint16Array {
  const point = profile.point(pointName)!;
  try {
    return encodePoint(profile, point, value, () => undefined);
  } catch (error) {
    if (error instanceof ModbusError) throw new AskedError(`known "${name}": ${error.message}`, { cause: error });
    throw error;
  }
}
