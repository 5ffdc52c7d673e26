import { BadResponseError, type ReadDeviceIdentificationResponse } from "@modwarden/protocol";

export type IdentificationCategory = "basic" | "regular" | "extended";

const accessCodes: Readonly<Record<IdentificationCategory, number>> = { basic: 1, regular: 2, extended: 3 };

/** The code that asks for one object alone; a device that does not have it answers 02. */
export const individualAccess = 4;

/**
 * Asks for a category of objects in stream access until nothing more follows.
 * There are 256 object ids and they come in ascending order, so a device that goes back or repeats itself would keep
 * its client asking for ever and is refused. MODBUS Application Protocol V1.1b3 § 6.21
 */
export async function walkIdentification(
  category: IdentificationCategory,
  ask: (readDeviceIdCode: number, objectId: number) => Promise<ReadDeviceIdentificationResponse>,
): Promise<Map<number, string>> {
  const objects = new Map<number, string>();
  const text = new TextDecoder();
  let next = 0;
  for (;;) {
    const response = await ask(accessCodes[category], next);
    for (const object of response.objects) objects.set(object.id, text.decode(object.value));
    if (!response.moreFollows) return objects;
    if (response.nextObjectId <= next) {
      throw new BadResponseError(`device identification goes back from object ${next} to ${response.nextObjectId}`);
    }
    next = response.nextObjectId;
  }
}
