/** Clocks in a plant are not in step: a certificate holds from a little before it was made. */
export const BACKDATE_MS: number = 10 * 60 * 1000;

/** Certificates and lists count in seconds. */
export function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
