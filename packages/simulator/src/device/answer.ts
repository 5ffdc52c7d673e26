import { answerIdentification, ServerException } from "@modwarden/modbus";
import { brokenLimit, type Profile, rawLimits, rawValue, type Table } from "@modwarden/profile";
import { applyMask, packBits, type Request, type Response } from "@modwarden/protocol";
import type { SimulatedUnit } from "./unit.ts";

const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;

/**
 * What the device answers. A write is judged as a whole before anything of it is done: outside the blocks, read-only,
 * or a part of a point of several registers is 02; outside a point's limits is 03. Throws ServerException.
 * MODBUS Application Protocol V1.1b3 § 6 and § 7
 */
export function answer(unit: SimulatedUnit, request: Request): Response {
  switch (request.kind) {
    case "read-coils":
      return { kind: request.kind, bytes: readBits(unit, "coil", request.address, request.quantity) };
    case "read-discrete-inputs":
      return { kind: request.kind, bytes: readBits(unit, "discrete", request.address, request.quantity) };
    case "read-holding-registers":
      return { kind: request.kind, registers: read(unit, "holding", request.address, request.quantity) };
    case "read-input-registers":
      return { kind: request.kind, registers: read(unit, "input", request.address, request.quantity) };
    case "write-single-coil":
      write(unit, "coil", request.address, Uint16Array.of(request.value ? 1 : 0));
      return request;
    case "write-single-register":
      write(unit, "holding", request.address, Uint16Array.of(request.value));
      return request;
    case "write-multiple-coils": {
      const { kind, address, coils } = request;
      write(unit, "coil", address, Uint16Array.from(coils, Number));
      return { kind, address, quantity: coils.length };
    }
    case "write-multiple-registers": {
      const { kind, address, values } = request;
      write(unit, "holding", address, values);
      return { kind, address, quantity: values.length };
    }
    case "mask-write-register": {
      const [current] = read(unit, "holding", request.address, 1);
      write(unit, "holding", request.address, Uint16Array.of(applyMask(current!, request.andMask, request.orMask)));
      return request;
    }
    case "read-write-multiple-registers": {
      // Both halves are judged before the write; the write comes before the read. § 6.17
      const { kind, readAddress, readQuantity, writeAddress, values } = request;
      judgeRead(unit.profile, "holding", readAddress, readQuantity);
      write(unit, "holding", writeAddress, values);
      return { kind, registers: read(unit, "holding", readAddress, readQuantity) };
    }
    case "read-device-identification":
      return answerIdentification(request, identificationOf(unit.profile));
    default:
      throw new ServerException(ILLEGAL_FUNCTION);
  }
}

function read(unit: SimulatedUnit, table: Table, address: number, quantity: number): Uint16Array {
  judgeRead(unit.profile, table, address, quantity);
  return unit.registers.read(table, address, quantity);
}

function readBits(unit: SimulatedUnit, table: Table, address: number, quantity: number): Uint8Array {
  return packBits(Array.from(read(unit, table, address, quantity), (bit) => bit !== 0));
}

function judgeRead(profile: Profile, table: Table, address: number, quantity: number): void {
  if (!profile.readable(table, address, quantity)) throw new ServerException(ILLEGAL_ADDRESS);
}

function write(unit: SimulatedUnit, table: Table, address: number, values: Uint16Array): void {
  const { profile } = unit;
  if (
    !profile.writable(table, address, values.length) ||
    profile.partial(table, address, values.length) !== undefined
  ) {
    throw new ServerException(ILLEGAL_ADDRESS);
  }
  for (const point of profile.pointsAt(table, address, values.length)) {
    const limits = rawLimits(point);
    // A point that the range does not hold whole is an alias of one that it does.
    if (limits === undefined || point.address < address || point.address + point.count > address + values.length)
      continue;
    const raw = rawValue(point, values, point.address - address);
    if (raw !== undefined && brokenLimit(limits, raw) !== undefined) throw new ServerException(ILLEGAL_VALUE);
  }
  unit.registers.write(table, address, values);
}

/** Objects 0 to 2: vendor, product code, revision. § 6.21 */
function identificationOf({ device }: Profile): ReadonlyMap<number, Uint8Array> {
  const encoder = new TextEncoder();
  return new Map([
    [0, encoder.encode(device.vendor)],
    [1, encoder.encode(device.model)],
    [2, encoder.encode(device.revision ?? "0")],
  ]);
}
