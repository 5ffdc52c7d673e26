import { createHash } from "node:crypto";
import { encodeBits, encodeCrockford, foldCrockford, isCrockford } from "./crockford.ts";
import { IdentityError } from "./errors.ts";

/** `size` unpredictable bytes. */
export type RandomSource = (size: number) => Uint8Array;

/** What the text of a key says. `id` is public; `secret` never stands in a log or a table. */
export interface RegistrationKey {
  readonly id: string;
  readonly secret: string;
}

const ID = 8;
const SECRET = 32;
const CHECK = 6;
/** Nobody types more than this; the rest is not read. */
const MAX_TEXT = 256;

/**
 * The canonical form, for secret scanners and filters: a hit can be confirmed offline, because the last six
 * characters are the first 30 bits of SHA-256 over what stands before them.
 */
export const REGISTRATION_KEY_PATTERN = "mwk1_[0-9A-HJKMNP-TV-Z]{8}_[0-9A-HJKMNP-TV-Z]{38}";

/** A new key: 40 bits of id, 160 bits of secret. */
export function createRegistrationKey(random: RandomSource): RegistrationKey {
  return { id: encodeCrockford(random(5)), secret: encodeCrockford(random(20)) };
}

/** `mwk1_<8 id>_<32 secret><6 check>`; no `-`, so that a double click selects the whole. */
export function formatKey(key: RegistrationKey): string {
  return `mwk1_${key.id}_${key.secret}${checkOf(key)}`;
}

/** `MWK1-5M3Y0-RKT36-…`: upper case in groups of five, for labels and QR codes' alphanumeric mode. */
export function formatLabel(key: RegistrationKey): string {
  const groups = `${key.id}${key.secret}${checkOf(key)}`.match(/.{1,5}/g) ?? [];
  return ["MWK1", ...groups].join("-");
}

/**
 * Reads a key as people hand it over: case, O for 0, I and L for 1, spaces, dashes and line ends are forgiven.
 * The checksum finds a typo before anything goes over the network. Error: ERR_KEY_MALFORMED (never quotes the text).
 */
export function parseRegistrationKey(text: string): RegistrationKey {
  if (text.length > MAX_TEXT) throw malformed("it is too long");
  const folded = foldCrockford(text.replaceAll(/[\s_-]/g, ""));
  if (!folded.startsWith("MWK1")) throw malformed('it does not begin with "mwk1"');
  const body = folded.slice(4);
  if (body.length !== ID + SECRET + CHECK) {
    throw malformed(`${ID + SECRET + CHECK} characters follow "mwk1", here are ${body.length}`);
  }
  if (!isCrockford(body)) throw malformed("it holds a character that keys do not use");
  const key = { id: body.slice(0, ID), secret: body.slice(ID, ID + SECRET) };
  if (checkOf(key) !== body.slice(ID + SECRET)) throw malformed("its checksum does not fit: look for a typo");
  return key;
}

function checkOf(key: RegistrationKey): string {
  const digest = createHash("sha256").update(`mwk1_${key.id}_${key.secret}`, "ascii").digest();
  return encodeBits(digest, CHECK);
}

function malformed(why: string): IdentityError {
  return new IdentityError("ERR_KEY_MALFORMED", `this is no registration key: ${why}`);
}
