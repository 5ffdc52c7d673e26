/** Why a packet has no IPv4 packet in it that could be read. */
export type NoIp = "notIp" | "ipv6" | "badHeaders";

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** IEEE 802.1Q, 802.1ad, and the tag that came before 802.1ad. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** More tags in a row than any network uses are damage. */
const MAX_TAGS = 4;

type FindIp = (bytes: Uint8Array) => number | NoIp;

/** By LINKTYPE_ value, https://www.tcpdump.org/linktypes.html */
const links: ReadonlyMap<number, FindIp> = new Map<number, FindIp>([
  [0, (bytes) => byVersion(bytes, 4)],
  [1, (bytes) => byEthertype(bytes, 12, 14)],
  [101, (bytes) => byVersion(bytes, 0)],
  [113, (bytes) => byEthertype(bytes, 14, 16)],
  [228, (bytes) => byVersion(bytes, 0)],
  [276, (bytes) => byEthertype(bytes, 0, 20)],
]);

/** Whether packets of this LINKTYPE_ are read: null, Ethernet, raw IP, Linux cooked 1 and 2. */
export function isReadableLink(linkType: number): boolean {
  return links.has(linkType);
}

/** Where the IPv4 packet starts in a packet of this link, or why there is none. */
export function findIp(linkType: number, bytes: Uint8Array): number | NoIp {
  return links.get(linkType)?.(bytes) ?? "notIp";
}

/** The link says what it carries: its type stands at `typeAt`, tags and payload behind `headerEnd`. */
function byEthertype(bytes: Uint8Array, typeAt: number, headerEnd: number): number | NoIp {
  let type = uint16(bytes, typeAt);
  let at = headerEnd;
  for (let tags = 0; TAGS.has(type) && tags < MAX_TAGS; tags++) {
    type = uint16(bytes, at + 2);
    at += 4;
  }
  if (at > bytes.length) return "badHeaders";
  if (type === ETHERTYPE_IPV4) return at;
  return type === ETHERTYPE_IPV6 ? "ipv6" : "notIp";
}

/** The link says nothing that could be relied on; the packet itself says its version. */
function byVersion(bytes: Uint8Array, at: number): number | NoIp {
  if (at >= bytes.length) return "badHeaders";
  const version = bytes[at]! >>> 4;
  if (version === 4) return at;
  return version === 6 ? "ipv6" : "notIp";
}

/** 0 where the bytes end, which is no type of anything. */
function uint16(bytes: Uint8Array, at: number): number {
  return at + 2 > bytes.length ? 0 : (bytes[at]! << 8) | bytes[at + 1]!;
}
