import type { DeviceConfiguration } from "../configuration.ts";

/** Units that over TCP mean every unit at an address, or the device itself. MODBUS Messaging on TCP/IP V1.0b § 4.4.1.2 */
const ANY_UNIT: ReadonlySet<number> = new Set([0, 255]);

/** Whether what is written to one of two devices at one address the other may have done as well. */
export function areNeighbours(one: DeviceConfiguration, other: DeviceConfiguration): boolean {
  if (one.id === other.id || one.port !== other.port || one.host.toLowerCase() !== other.host.toLowerCase()) {
    return false;
  }
  return ANY_UNIT.has(one.deviceUnit) || ANY_UNIT.has(other.deviceUnit);
}
