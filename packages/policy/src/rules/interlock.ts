import type { Path } from "@modwarden/document";
import type { Point, Profile } from "@modwarden/profile";
import type { InterlockText } from "../language/text.ts";
import type { PolicyDevice } from "./device.ts";

/** What has to be true of a point, found by its name on one device. */
export interface InterlockPoint {
  readonly device: string;
  readonly profile: Profile;
  readonly point: Point;
  /** One bit of the point's whole value; bit 0 is the lowest. */
  readonly bit?: number;
}

/** A condition on what stands in another point. */
export interface Interlock {
  /** Of the device that the interlock names. */
  readonly named?: InterlockPoint;
  /** By the device that is asked, where the interlock names none. */
  readonly points: ReadonlyMap<string, InterlockPoint>;
  readonly stated: InterlockText;
}

/** The interlock's point for a request to `device`. */
export function interlockPoint({ named, points }: Interlock, device: string | null): InterlockPoint | undefined {
  return named ?? (device === null ? undefined : points.get(device));
}

/**
 * A value, or what it is compared with, to the digits that the point's type holds: in an f32 0.3 stands as
 * 0.30000001192092896, which is no other value than the 0.3 of the file.
 */
export function comparable({ point, bit }: Pick<InterlockPoint, "point" | "bit">, value: number): number {
  return point.type === "f32" && bit === undefined && Number.isFinite(value) ? Number(value.toPrecision(7)) : value;
}

type Report = (path: Path, message: string) => void;

/** Finds an interlock's point. `reached`: the devices that the rule is about; `devices`: all of the site. */
export function resolveInterlock(
  stated: InterlockText,
  path: Path,
  reached: readonly PolicyDevice[],
  devices: readonly PolicyDevice[],
  report: Report,
): Interlock {
  let elsewhere: InterlockPoint | undefined;
  const points = new Map<string, InterlockPoint>();
  const [first = "", ...rest] = stated.point.split(".");
  const named = rest.length === 0 ? undefined : devices.find(({ id }) => id === first);
  const place = [...path, "point"];
  if (named !== undefined) {
    const found = find(named, rest);
    if (typeof found === "string") report(place, found);
    else elsewhere = found;
  } else {
    for (const device of reached) {
      const found = find(device, [first, ...rest]);
      if (typeof found === "string") report(place, found);
      else points.set(device.id, found);
    }
    if (reached.length === 0) report(place, `"${stated.point}": no device of the site is asked by this rule`);
  }
  for (const { point, bit } of elsewhere === undefined ? points.values() : [elsewhere]) {
    if (bit !== undefined || point.type !== "string") continue;
    report(place, `point ${point.id} is text: an interlock compares numbers and bits`);
    break;
  }
  return { ...(elsewhere === undefined ? {} : { named: elsewhere }), points, stated };
}

function find(device: PolicyDevice, [name = "", bitName, ...more]: readonly string[]): InterlockPoint | string {
  const { id, profile } = device;
  const point = profile?.point(name);
  if (profile === undefined) return `point "${name}" is not known: device ${id} has no profile`;
  if (point === undefined || more.length > 0) return `device ${id} has no point "${name}"`;
  if (bitName === undefined) return { device: id, profile, point };
  const named = [...point.bits].find(([, text]) => text === bitName)?.[0];
  const bit = named ?? (/^\d{1,2}$/.test(bitName) ? Number(bitName) : undefined);
  const isWhole = point.type !== "f32" && point.type !== "f64" && point.type !== "string" && point.type !== "bool";
  if (bit === undefined || !isWhole || bit >= point.count * 16) {
    const names = [...point.bits.values()].join(", ");
    return `point ${name} of ${id} has no bit "${bitName}"${names === "" ? "" : `: it has ${names}`}`;
  }
  return { device: id, profile, point, bit };
}
