/**
 * What a device is known by that cannot enrol: what it says of itself, and registers that do not change. A part that
 * was not asked for is left out; null: the device does not offer it.
 */
export interface DeviceFingerprint {
  /** Device identification by object id, basic and regular. Function 43/14 */
  readonly objects?: Readonly<Record<string, string>> | null;
  /** What function 17 answers, hex; its run indicator is not told from zero. */
  readonly serverId?: string | null;
  /** By place, such as "holding 100 x 2": the values of the bits or registers there. */
  readonly registers?: Readonly<Record<string, readonly number[] | null>>;
}

/** What a reading of a fingerprint came to. `drift`: the device is not what it was, which was not known before. */
export interface FingerprintVerdict {
  readonly kind: "first" | "same" | "drift" | "known-drift";
  /** What is different, one sentence for each. */
  readonly changes: readonly string[];
}

export interface FingerprintDetails {
  readonly accepted: DeviceFingerprint;
  readonly since: string;
  /** What it was last seen with, where that is something else. */
  readonly drifted?: { readonly seen: DeviceFingerprint; readonly since: string; readonly changes: readonly string[] };
}
