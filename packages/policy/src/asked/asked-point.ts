import { encodePoint, type Point, type Profile } from "@modwarden/profile";
import { ModbusError, type Request } from "@modwarden/protocol";
import type { AskedText } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { AskedError } from "./asked-error.ts";

/** The request that reads or writes a point by its name, the whole of it at once. Throws AskedError. */
export function askedPoint(asked: AskedText, device: PolicyDevice | undefined): Request {
  const { read, write } = asked;
  if ((read === undefined) === (write === undefined)) {
    throw new AskedError("say what is asked: function, or read or write with the name of a point");
  }
  const name = read ?? write;
  if (typeof name !== "string") throw new AskedError("read and write with addresses belong to function 23");
  for (const key of ["address", "quantity", "values", "and", "or", "records"] as const) {
    if (asked[key] !== undefined) throw new AskedError(`a point has no ${key}: it knows its own`);
  }
  const { profile, point } = find(name, device);
  if (read !== undefined) {
    if (asked.value !== undefined) throw new AskedError("a read has no value");
    return readOf(point);
  }
  if (asked.value === undefined) throw new AskedError(`writing ${name} needs a value`);
  return writeOf(profile, point, asked.value);
}

function find(name: string, device: PolicyDevice | undefined): { readonly profile: Profile; readonly point: Point } {
  if (device === undefined) throw new AskedError(`point "${name}": no device of the site is asked`);
  const { id, profile } = device;
  if (profile === undefined) throw new AskedError(`point "${name}": device ${id} has no profile`);
  const point = profile.point(name);
  if (point === undefined) throw new AskedError(`device ${id} has no point "${name}"`);
  return { profile, point };
}

const readKinds = {
  coil: "read-coils",
  discrete: "read-discrete-inputs",
  holding: "read-holding-registers",
  input: "read-input-registers",
} as const;

function readOf({ table, address, count: quantity }: Point): Request {
  return { kind: readKinds[table], address, quantity };
}

function writeOf(profile: Profile, point: Point, value: number | boolean | string): Request {
  const { id, table, address } = point;
  if (table === "discrete" || table === "input")
    throw new AskedError(`point ${id} stands in a table that is read-only`);
  const words = encode(profile, point, value);
  const [first = 0] = words;
  if (table === "coil") return { kind: "write-single-coil", address, value: first !== 0 };
  return words.length === 1
    ? { kind: "write-single-register", address, value: first }
    : { kind: "write-multiple-registers", address, values: words };
}

function encode(profile: Profile, point: Point, value: number | boolean | string): Uint16Array {
  try {
    return encodePoint(profile, point, value, () => undefined);
  } catch (error) {
    if (error instanceof ModbusError) throw new AskedError(error.message, { cause: error });
    throw error;
  }
}
