import { BadResponseError } from "../errors.ts";
import type { ReadDeviceIdentificationRequest, ReadDeviceIdentificationResponse } from "./messages.ts";

/** Individual access asks for one object by its id. § 6.21 */
const INDIVIDUAL = 4;

/**
 * Individual access is answered by the one object asked for. A stream must move on: a device that says more follows
 * from an object it has already sent would be asked for ever. MODBUS Application Protocol V1.1b3 § 6.21
 */
export function checkIdentification(
  request: ReadDeviceIdentificationRequest,
  response: ReadDeviceIdentificationResponse,
): void {
  const { objects } = response;
  if (request.readDeviceIdCode === INDIVIDUAL) {
    if (response.moreFollows || objects.length !== 1 || objects[0]!.id !== request.objectId) {
      throw new BadResponseError(`object ${request.objectId} was asked for, the answer is another`);
    }
    return;
  }
  if (!response.moreFollows) return;
  const last = objects.at(-1);
  if (last === undefined || response.nextObjectId <= last.id) {
    throw new BadResponseError(`more objects follow from ${response.nextObjectId}, which is not behind this response`);
  }
}
