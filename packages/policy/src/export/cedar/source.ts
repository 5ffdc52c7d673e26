/**
 * The address of `address`, `address:port` or `[address]:port` as Cedar's ipaddr takes it; undefined when it is none.
 * IPv4 in IPv6 (RFC 4291 § 2.5.5.2), which Cedar does not take, is the IPv4 client it stands for.
 */
export function sourceAddress(source: string): string | undefined {
  const bracketed = /^\[([^\]]*)\]/.exec(source)?.[1];
  const text = (bracketed ?? source).split("%")[0]!.toLowerCase();
  const octets = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(text)?.[1];
  if (octets !== undefined) {
    const isSound = octets.split(".").every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet);
    return isSound ? octets : undefined;
  }
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) {
    return groups.map((group) => group.toString(16)).join(":");
  }
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

/** A network of a policy file as Cedar's ipaddr takes it. */
export function networkText(network: string): string {
  const [address = "", prefix] = network.split("/");
  const text = sourceAddress(address) ?? address;
  return prefix === undefined ? text : `${text}/${Number(prefix)}`;
}

/** The eight groups of an IPv6 address, of which `::` stands for one or more that are 0. */
function groupsOf(text: string): readonly number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  const [left, right] = [head, tail ?? ""].map((half) => (half === "" ? [] : half.split(":"))) as [string[], string[]];
  const given = [...left, ...right];
  if (more.length > 0 || !given.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  const missing = 8 - given.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...left, ...Array<string>(missing).fill("0"), ...right].map((group) => Number.parseInt(group, 16));
}
