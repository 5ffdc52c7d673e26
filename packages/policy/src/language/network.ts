/** A client network: `10.2.0.0/16`, `2001:db8::/32`, or one address. */
export interface Network {
  readonly text: string;
  /** 16-bit groups: two for IPv4, eight for IPv6. */
  readonly groups: readonly number[];
  readonly bits: number;
}

/** Undefined when the text is neither an address nor address/prefix. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const groups = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (groups === undefined) return undefined;
  const width = groups.length * 16;
  if (slash < 0) return { text, groups, bits: width };
  const prefix = text.slice(slash + 1);
  const bits = Number(prefix);
  return /^\d{1,3}$/.test(prefix) && bits <= width ? { text, groups, bits } : undefined;
}

/** The address of `address`, `address:port`, `[address]:port`; undefined when it is none. */
export function parseSource(text: string): readonly number[] | undefined {
  if (text.startsWith("[")) return parseAddress(text.slice(1, Math.max(1, text.indexOf("]"))));
  const colon = text.indexOf(":");
  return parseAddress(colon >= 0 && colon === text.lastIndexOf(":") ? text.slice(0, colon) : text);
}

export function inNetwork(network: Network, address: readonly number[]): boolean {
  if (network.groups.length !== address.length) return false;
  let left = network.bits;
  for (let index = 0; left > 0; index += 1, left -= 16) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff;
    if (((network.groups[index]! ^ address[index]!) & mask) !== 0) return false;
  }
  return true;
}

function parseAddress(text: string): readonly number[] | undefined {
  if (!text.includes(":")) return parseIPv4(text);
  const plain = text.split("%", 1)[0]!.toLowerCase();
  // IPv4 clients of a dual-stack socket arrive as ::ffff:10.0.0.5.
  if (plain.startsWith("::ffff:") && plain.includes(".")) return parseIPv4(plain.slice(7));
  return parseIPv6(plain);
}

function parseIPv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every(isOctet)) return undefined;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
  return [(a << 8) | b, (c << 8) | d];
}

/** Without leading zeros: some read 010 as 8, others as 10. */
function isOctet(part: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
}

function parseIPv6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const left = head!;
  if (![...left, ...(tail ?? [])].every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  const missing = 8 - left.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const filled = tail === undefined ? left : [...left, ...Array<string>(missing).fill("0"), ...tail];
  const groups = filled.map((group) => Number.parseInt(group, 16));
  // ::ffff:a00:5 is 10.0.0.5 written otherwise, and the same client. RFC 4291 § 2.5.5.2
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? groups.slice(6) : groups;
}
