/** What HTTP Basic carries in EST: the name in the registry (may be empty) and a registration key. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** A name and a key, in base64: an offline key with its serial numbers is the longest, at 4,096 characters. */
const MAX_CHARACTERS = 6144;

/** The credentials of an `Authorization` header; undefined when there are none that can be read. RFC 7617 § 2 */
export function basicCredentials(header: string | undefined): Credentials | undefined {
  if (header === undefined || header.length > MAX_CHARACTERS) return undefined;
  const base64 = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (base64 === undefined) return undefined;
  const text = Buffer.from(base64, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
