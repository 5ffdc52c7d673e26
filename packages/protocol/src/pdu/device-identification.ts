import { putBytes } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { BadPduError } from "../errors.ts";
import { MAX_PDU, MEI_DEVICE_IDENTIFICATION } from "../limits.ts";
import type { DeviceObject, ReadDeviceIdentificationRequest, ReadDeviceIdentificationResponse } from "./messages.ts";
import { checkRange, type Direction, expectLength, refuse } from "./refuse.ts";

const HEADER = 7;
const LAST_ACCESS_CODE = 4;
const MORE_FOLLOWS = 0xff;

/** Which object is meant is the server's to check (02); the access code is structure (03). */
function expectAccessCode(direction: Direction, code: number): void {
  if (code < 1 || code > LAST_ACCESS_CODE) refuse(direction, 3, `read device id code ${code} is outside 1 to 4`);
}

/** Read device identification. MODBUS Application Protocol V1.1b3 § 6.21 */
export const readDeviceIdentificationRequest: Codec<ReadDeviceIdentificationRequest> = freeze({
  kind: "read-device-identification",
  functionCode: 43,
  size: () => 4,
  encode(message, out, at) {
    checkRange(message.readDeviceIdCode, 1, LAST_ACCESS_CODE, "read device id code");
    checkRange(message.objectId, 0, 0xff, "object id");
    out[at] = 43;
    out[at + 1] = MEI_DEVICE_IDENTIFICATION;
    out[at + 2] = message.readDeviceIdCode;
    out[at + 3] = message.objectId;
    return at + 4;
  },
  decode(bytes, at, end) {
    expectLength("request", at, end, 4);
    const readDeviceIdCode = bytes[at + 2]!;
    expectAccessCode("request", readDeviceIdCode);
    return { kind: "read-device-identification", readDeviceIdCode, objectId: bytes[at + 3]! };
  },
  describe: (message) =>
    `read device identification, code ${message.readDeviceIdCode}, from object ${message.objectId}`,
});

/** Levels 1 to 3, with bit 7 when single objects can be asked for as well. § 6.21 */
function isConformityLevel(level: number): boolean {
  const plain = level & 0x7f;
  return plain >= 1 && plain <= 3;
}

function responseSize(message: ReadDeviceIdentificationResponse): number {
  let size = HEADER;
  for (const object of message.objects) size += 2 + object.value.length;
  return size;
}

function checkResponse(message: ReadDeviceIdentificationResponse): void {
  checkRange(message.readDeviceIdCode, 1, LAST_ACCESS_CODE, "read device id code");
  checkRange(message.conformityLevel, 0, 0xff, "conformity level");
  if (!isConformityLevel(message.conformityLevel)) {
    throw new BadPduError(3, `conformity level ${message.conformityLevel} does not exist`);
  }
  checkRange(message.nextObjectId, 0, message.moreFollows ? 0xff : 0, "next object id");
  for (const object of message.objects) checkRange(object.id, 0, 0xff, "object id");
  checkRange(responseSize(message), HEADER, MAX_PDU, "PDU length");
}

/** Objects are indivisible, and their number is that of this response. */
function objectsFrom(bytes: Uint8Array, at: number, end: number, count: number): DeviceObject[] {
  const objects: DeviceObject[] = [];
  let offset = at;
  for (let index = 0; index < count; index++) {
    if (end - offset < 2) refuse("response", 3, `the response ends before object ${index + 1} of ${count}`);
    const start = offset + 2;
    const stop = start + bytes[offset + 1]!;
    if (stop > end) refuse("response", 3, `object ${bytes[offset]} is longer than the response`);
    objects.push({ id: bytes[offset]!, value: bytes.slice(start, stop) });
    offset = stop;
  }
  if (offset !== end) refuse("response", 3, `${end - offset} bytes follow the last object`);
  return objects;
}

export const readDeviceIdentificationResponse: Codec<ReadDeviceIdentificationResponse> = freeze({
  kind: "read-device-identification",
  functionCode: 43,
  size: responseSize,
  encode(message, out, at) {
    checkResponse(message);
    out[at] = 43;
    out[at + 1] = MEI_DEVICE_IDENTIFICATION;
    out[at + 2] = message.readDeviceIdCode;
    out[at + 3] = message.conformityLevel;
    out[at + 4] = message.moreFollows ? MORE_FOLLOWS : 0;
    out[at + 5] = message.nextObjectId;
    out[at + 6] = message.objects.length;
    let offset = at + HEADER;
    for (const object of message.objects) {
      out[offset] = object.id;
      out[offset + 1] = object.value.length;
      offset = putBytes(out, offset + 2, object.value);
    }
    return offset;
  },
  decode(bytes, at, end) {
    if (end - at < HEADER) refuse("response", 3, `the PDU has ${end - at} bytes, its header alone needs ${HEADER}`);
    const readDeviceIdCode = bytes[at + 2]!;
    expectAccessCode("response", readDeviceIdCode);
    const conformityLevel = bytes[at + 3]!;
    if (!isConformityLevel(conformityLevel))
      refuse("response", 3, `conformity level ${conformityLevel} does not exist`);
    const more = bytes[at + 4]!;
    if (more !== 0 && more !== MORE_FOLLOWS) refuse("response", 3, `more follows is ${more}, neither 0 nor 255`);
    const nextObjectId = bytes[at + 5]!;
    if (more === 0 && nextObjectId !== 0) refuse("response", 3, "a next object is named although nothing follows");
    const objects = objectsFrom(bytes, at + HEADER, end, bytes[at + 6]!);
    const moreFollows = more === MORE_FOLLOWS;
    return {
      kind: "read-device-identification",
      readDeviceIdCode,
      conformityLevel,
      moreFollows,
      nextObjectId,
      objects,
    };
  },
  describe: (message) =>
    `${message.objects.length} identification objects, conformity level 0x${message.conformityLevel.toString(16)}` +
    (message.moreFollows ? `, more from object ${message.nextObjectId}` : ""),
});
