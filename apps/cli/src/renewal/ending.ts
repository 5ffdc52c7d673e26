import type { Context } from "../frame/context.ts";

const DAY_MS = 86_400_000;
const SOON_MS: number = 30 * DAY_MS;

interface Certified {
  readonly expires: string;
  readonly renewAfter: string;
}

/** Whoever uses an identity in the last month of its certificate is told, once it is time to renew, and how. */
export function noteItsEnd(
  context: Pick<Context, "note">,
  dir: string,
  { expires, renewAfter }: Certified,
  nowMs: number,
): void {
  const left = Date.parse(expires) - nowMs;
  if (left > SOON_MS || nowMs < Date.parse(renewAfter)) return;
  if (left <= 0) context.note(`note: the certificate in ${dir} ended at ${expires}: modwarden recover ${dir}`);
  else context.note(`note: the certificate in ${dir} ends ${inTime(left)}: modwarden renew ${dir}`);
}

function inTime(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days === 0) return "within a day";
  return days === 1 ? "in 1 day" : `in ${days} days`;
}
