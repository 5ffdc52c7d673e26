import type {
  DeviceObject,
  ReadDeviceIdentificationRequest,
  ReadDeviceIdentificationResponse,
} from "@modwarden/protocol";
import { ServerException } from "./handler.ts";

const basic = 1;
const extended = 3;
const individual = 4;
/** The last object id of a category. MODBUS Application Protocol V1.1b3 § 6.21 */
const lastIds = [0, 0x02, 0x7f, 0xff] as const;
/** Bytes of a PDU behind the fixed part of this response. */
const objectRoom = 253 - 7;

/**
 * Answers function 43/14 from a device's objects: stream access restarts at object 0 for an id it does not have,
 * individual access refuses it; a category above the device's own gets the device's own; objects are never divided.
 * MODBUS Application Protocol V1.1b3 § 6.21
 */
export function answerIdentification(
  request: ReadDeviceIdentificationRequest,
  objects: ReadonlyMap<number, Uint8Array>,
): ReadDeviceIdentificationResponse {
  const { readDeviceIdCode } = request;
  const ids = [...objects.keys()].sort((left, right) => left - right);
  const level = levelOf(ids);
  // Bit 7: single objects can be asked for as well.
  const head = { kind: "read-device-identification", readDeviceIdCode, conformityLevel: 0x80 | level } as const;

  if (readDeviceIdCode === individual) {
    const value = objects.get(request.objectId);
    if (value === undefined) throw new ServerException(2);
    return { ...head, moreFollows: false, nextObjectId: 0, objects: [{ id: request.objectId, value }] };
  }
  const last = lastIds[Math.min(readDeviceIdCode, level)]!;
  const offered = ids.filter((id) => id <= last);
  const first = Math.max(0, offered.indexOf(request.objectId));
  const answered: DeviceObject[] = [];
  let room = objectRoom;
  for (const id of offered.slice(first)) {
    const value = objects.get(id)!;
    room -= 2 + value.length;
    if (room < 0) return { ...head, moreFollows: true, nextObjectId: id, objects: answered };
    answered.push({ id, value });
  }
  return { ...head, moreFollows: false, nextObjectId: 0, objects: answered };
}

function levelOf(ids: readonly number[]): number {
  const highest = ids.at(-1) ?? 0;
  for (let level = basic; level < extended; level += 1) if (highest <= lastIds[level]!) return level;
  return extended;
}
