import { foldCrockford } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { isPrintable } from "../names.ts";
import { parseRegistrationKey } from "../registration-key.ts";

/** What a request said of itself, as an event keeps it. */
export type Said = Readonly<Record<string, string | number>>;

interface Asked {
  readonly name: string;
  readonly role?: string | undefined;
  readonly serial?: string | undefined;
  readonly device?: { readonly model?: string; readonly unit?: number | "auto" } | undefined;
  /** ISO 8601, as the device's own clock says. */
  readonly deviceTime?: string | undefined;
}

/** Certificates hold from ten minutes before they were made: a clock that is further off is worth a line. */
const CLOCK_BEARS_S = 600;

const MAX_CHARACTERS = 200;
/** A key's secret and its check: as many characters of the key's alphabet are not written down, whatever they are. */
const SECRET = /[0-9A-HJKMNP-TV-Z]{38}/;

/** For whoever looks into a refusal: bounded, printable, and never a secret, wherever the key was typed by mistake. */
export function saidIn(asked: Asked, now: Date): Said {
  return {
    ...shown("name", asked.name),
    ...shown("role", asked.role),
    ...shown("serial", asked.serial),
    ...shown("model", asked.device?.model),
    ...(asked.device?.unit === undefined ? {} : { unit: asked.device.unit }),
    ...clockOff(asked.deviceTime, now),
  };
}

/** How far the device's clock is ahead (or, negative, behind), where that is more than a certificate is made to bear. */
export function clockOff(deviceTime: string | undefined, now: Date): Said {
  const off = Math.round((Date.parse(deviceTime ?? "") - now.getTime()) / 1000);
  return Math.abs(off) > CLOCK_BEARS_S ? { clockOffSeconds: off } : {};
}

/** The public half of a key that nobody here knows: it may be another site's. */
export function keyIdIn(key: string): Said {
  try {
    return { keyId: parseRegistrationKey(key).id };
  } catch (error) {
    if (error instanceof IdentityError) return {};
    throw error;
  }
}

/** Whether a registration key, or the secret half of one, stands in `text`. */
export function holdsKey(text: string): boolean {
  const folded = foldCrockford(text.replaceAll(/[\s_-]/g, ""));
  return /MW[KV]1/.test(folded) || SECRET.test(folded);
}

function shown(field: string, text: string | undefined): Said {
  if (text === undefined || text === "") return {};
  if (holdsKey(text)) return { [field]: "(withheld: it holds a registration key)" };
  const short = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
  return { [field]: isPrintable(short) ? short : "(not printable)" };
}
