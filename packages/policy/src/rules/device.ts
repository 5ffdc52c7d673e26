import type { Profile } from "@modwarden/profile";

/** A device as policy files name it. `unit` is its address; several devices may share one on different listeners. */
export interface PolicyDevice {
  readonly id: string;
  readonly unit: number;
  readonly profile?: Profile;
}
