import type { Point, Profile } from "@modwarden/profile";
import type { InterlockText } from "../language/schema.ts";

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
  /** By the device that is asked; the same for all of them when the interlock names its device. */
  readonly points: ReadonlyMap<string, InterlockPoint>;
  readonly stated: InterlockText;
}
