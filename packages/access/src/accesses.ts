import type { Profile } from "@modwarden/profile";
import type { Request } from "@modwarden/protocol";
import type { Access, Table } from "./transaction.ts";

/** Where a request is going. `device` null: no device claims the unit. */
export interface Where {
  readonly device: string | null;
  readonly unit: number;
  readonly profile?: Profile;
}

/**
 * The objects a request touches, in the order in which a device touches them: function 22 reads its register and
 * then writes it (MODBUS Application Protocol V1.1b3 § 6.16), function 23 writes before it reads (§ 6.17).
 * Never empty: an operation without registers is one access with `table: null`.
 */
export function accessesOf(request: Request, where: Where): Access[] {
  switch (request.kind) {
    case "read-coils":
      return [read(where, "coil", request.address, request.quantity)];
    case "read-discrete-inputs":
      return [read(where, "discrete", request.address, request.quantity)];
    case "read-holding-registers":
      return [read(where, "holding", request.address, request.quantity)];
    case "read-input-registers":
      return [read(where, "input", request.address, request.quantity)];
    case "write-single-coil":
      return [write(where, "coil", request.address, [request.value ? 1 : 0])];
    case "write-single-register":
      return [write(where, "holding", request.address, [request.value])];
    case "write-multiple-coils":
      return [
        write(
          where,
          "coil",
          request.address,
          request.coils.map((coil) => (coil ? 1 : 0)),
        ),
      ];
    case "write-multiple-registers":
      return [write(where, "holding", request.address, Array.from(request.values))];
    case "mask-write-register":
      return [
        read(where, "holding", request.address, 1),
        maskWrite(where, request.address, request.andMask, request.orMask),
      ];
    case "read-write-multiple-registers":
      return [
        write(where, "holding", request.writeAddress, Array.from(request.values)),
        read(where, "holding", request.readAddress, request.readQuantity),
      ];
    case "read-device-identification":
    case "read-exception-status":
    case "get-comm-event-counter":
    case "get-comm-event-log":
    case "report-server-id":
      return [withoutTable(where, false)];
    case "read-fifo-queue":
      return [{ ...withoutTable(where, false), address: request.address, quantity: 1 }];
    case "read-file-record":
      if (request.records.length === 0) return [withoutTable(where, false)];
      return request.records.map(({ file, record, length }) => ({
        ...fileAccess(where, file, record, length),
        write: false,
      }));
    case "diagnostics":
      return [withoutTable(where, !harmlessDiagnostics.has(request.subFunction))];
    case "write-file-record":
      if (request.records.length === 0) return [withoutTable(where, true)];
      return request.records.map(({ file, record, values }) => ({
        ...fileAccess(where, file, record, values.length),
        write: true,
        values: Array.from(values),
      }));
    case "canopen-general-reference":
    case "user-defined":
      // What CANopen bytes and a vendor's own function do is not known here. Unsure means no: they count as writes.
      return [withoutTable(where, true)];
  }
}

/**
 * Diagnostics that only look: loopback, the diagnostic register, the counters. The others restart, silence or clear.
 * MODBUS Application Protocol V1.1b3 § 6.8.1
 */
const harmlessDiagnostics: ReadonlySet<number> = new Set([0, 2, 11, 12, 13, 14, 15, 16, 17, 18]);

function read(where: Where, table: Table, address: number, quantity: number): Access {
  const points = pointNames(where, table, address, quantity);
  return points === undefined
    ? { device: where.device, unit: where.unit, table, address, quantity, write: false }
    : { device: where.device, unit: where.unit, table, address, quantity, write: false, points };
}

function write(where: Where, table: Table, address: number, values: readonly number[]): Access {
  const quantity = values.length;
  const points = pointNames(where, table, address, quantity);
  return points === undefined
    ? { device: where.device, unit: where.unit, table, address, quantity, write: true, values }
    : { device: where.device, unit: where.unit, table, address, quantity, write: true, points, values };
}

/** What will stand in the register depends on what stands there now: a mask, no value. */
function maskWrite(where: Where, address: number, and: number, or: number): Access {
  const mask = { and, or };
  const points = pointNames(where, "holding", address, 1);
  return points === undefined
    ? { device: where.device, unit: where.unit, table: "holding", address, quantity: 1, write: true, mask }
    : { device: where.device, unit: where.unit, table: "holding", address, quantity: 1, write: true, points, mask };
}

function fileAccess({ device, unit }: Where, file: number, address: number, quantity: number): Omit<Access, "write"> {
  return { device, unit, table: null, file, address, quantity };
}

function withoutTable(where: Where, writes: boolean): Access {
  return { device: where.device, unit: where.unit, table: null, address: 0, quantity: 0, write: writes };
}

function pointNames(where: Where, table: Table, address: number, quantity: number): readonly string[] | undefined {
  const points = where.profile?.pointsAt(table, address, quantity);
  return points === undefined || points.length === 0 ? undefined : points.map((point) => point.id);
}
