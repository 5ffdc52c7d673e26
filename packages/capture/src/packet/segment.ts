import { findIp, type NoIp } from "./link.ts";
import type { Packet } from "./pcap.ts";

/** One TCP segment in an IPv4 packet. Addresses are 32-bit numbers, sequence numbers signed 32-bit ones. */
export interface Segment {
  readonly packet: Packet;
  readonly sourceAddress: number;
  readonly sourcePort: number;
  readonly destinationAddress: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Undefined without the flag ACK. */
  readonly acknowledgement: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** The payload as far as it was recorded: a view into the packet. */
  readonly bytes: Uint8Array;
  /** Bytes of the payload on the wire. */
  readonly length: number;
  /** The IP packet is only the first part of a larger one. */
  readonly fragment: boolean;
}

/** Why a packet is no TCP segment that could be read. */
export type NoSegment = NoIp | "fragments" | "notTcp";

const TCP = 6;
const MIN_IP_HEADER = 20;
const MIN_TCP_HEADER = 20;
/** What the largest packets of any network card have; a longer one is damage. */
const MAX_PACKET = 1024 * 1024;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/**
 * Reads the headers of IPv4 (RFC 791 § 3.1) and TCP (RFC 9293 § 3.1). Checksums are not looked at: a host that leaves
 * them to its network card records wrong ones of everything it sends. The payload ends where the IP header says: what
 * Ethernet pads short packets with is none of it.
 */
export function readSegment(linkType: number, packet: Packet): Segment | NoSegment {
  const { bytes } = packet;
  const at = findIp(linkType, bytes);
  if (typeof at === "string") return at;
  if (at + MIN_IP_HEADER > bytes.length || bytes[at]! >>> 4 !== 4) return "badHeaders";
  const headerBytes = (bytes[at]! & 15) * 4;
  // A card that splits large packets itself leaves the length at 0: the packet is as long as it is.
  const total = uint16(bytes, at + 2) || Math.max(packet.wireBytes, bytes.length) - at;
  if (headerBytes < MIN_IP_HEADER || total < headerBytes || total > MAX_PACKET) return "badHeaders";
  if (bytes[at + 9] !== TCP) return "notTcp";
  const fragment = uint16(bytes, at + 6) & 0x3fff;
  if ((fragment & 0x1fff) !== 0) return "fragments";
  const tcp = at + headerBytes;
  if (tcp + MIN_TCP_HEADER > bytes.length || total - headerBytes < MIN_TCP_HEADER) return "badHeaders";
  const payload = tcp + (bytes[tcp + 12]! >>> 4) * 4;
  const end = at + total;
  if (payload - tcp < MIN_TCP_HEADER || payload > end) return "badHeaders";
  const flags = bytes[tcp + 13]!;
  return {
    packet,
    sourceAddress: int32(bytes, at + 12) >>> 0,
    sourcePort: uint16(bytes, tcp),
    destinationAddress: int32(bytes, at + 16) >>> 0,
    destinationPort: uint16(bytes, tcp + 2),
    sequence: int32(bytes, tcp + 4),
    acknowledgement: (flags & ACK) === 0 ? undefined : int32(bytes, tcp + 8),
    syn: (flags & SYN) !== 0,
    fin: (flags & FIN) !== 0,
    rst: (flags & RST) !== 0,
    bytes: bytes.subarray(Math.min(payload, bytes.length), Math.min(end, bytes.length)),
    length: end - payload,
    fragment: fragment !== 0,
  };
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function int32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) << 16) | uint16(bytes, at + 2);
}
