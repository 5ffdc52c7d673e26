/** What the disk does from now on; the number stands in shared memory. */
export const faults = ["none", "full", "write error", "sync error", "slow"] as const;
export type Fault = (typeof faults)[number];

export interface RecorderJob {
  readonly dir: string;
  readonly ring: SharedArrayBuffer;
  /** One 32-bit number: the place of the fault in `faults`. */
  readonly fault: SharedArrayBuffer;
}
