/** Clocks in a plant are not in step: a certificate holds from a little before it was made. */
export const BACKDATE_MS: number = 10 * 60 * 1000;

/** Certificates and lists count in seconds. */
export function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

/** How long a root's revocation list holds: whoever keeps the root's key in a safe fetches it once in two years. */
export const ROOT_LIST_MS: number = 731 * 24 * 3_600_000;
