/** Makes captures for tests: Ethernet, IPv4 and TCP as a network would have carried them. */

/** `tcp` 0 to 65535; addresses as 32-bit numbers. */
export interface End {
  readonly address: number;
  readonly port: number;
}

export interface WrittenSegment {
  readonly from: End;
  readonly to: End;
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly payload?: Uint8Array;
  readonly syn?: boolean;
  readonly fin?: boolean;
  readonly rst?: boolean;
  /** IPv4 flags and fragment offset as they stand in the header. */
  readonly fragment?: number;
}

export interface WrittenPacket {
  readonly bytes: Uint8Array;
  /** Seconds. */
  readonly time: number;
  /** More than there are bytes: the recording was cut off. */
  readonly wireBytes?: number;
}

/** The IPv4 packet of a segment. Its checksums are zero, as a host records them that leaves them to its card. */
export function ipPacket(segment: WrittenSegment): Uint8Array {
  const payload = segment.payload ?? new Uint8Array();
  const bytes = new Uint8Array(40 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x45;
  view.setUint16(2, bytes.length);
  view.setUint16(6, segment.fragment ?? 0x4000);
  bytes[8] = 64;
  bytes[9] = 6;
  view.setUint32(12, segment.from.address);
  view.setUint32(16, segment.to.address);
  view.setUint16(20, segment.from.port);
  view.setUint16(22, segment.to.port);
  view.setUint32(24, segment.sequence >>> 0);
  view.setUint32(28, (segment.acknowledgement ?? 0) >>> 0);
  bytes[32] = 0x50;
  bytes[33] =
    (segment.fin === true ? 1 : 0) |
    (segment.syn === true ? 2 : 0) |
    (segment.rst === true ? 4 : 0) |
    (segment.acknowledgement === undefined ? 0 : 16);
  bytes.set(payload, 40);
  return bytes;
}

/** An Ethernet frame, with 802.1Q tags where wanted; short ones are filled up to 60 bytes with what is no zero. */
export function ethernetFrame(packet: Uint8Array, tags: readonly number[] = [], etherType = 0x0800): Uint8Array {
  const header = 14 + 4 * tags.length;
  const bytes = new Uint8Array(Math.max(60, header + packet.length)).fill(0xa5);
  const view = new DataView(bytes.buffer);
  bytes.fill(2, 0, 12);
  for (const [index, tag] of tags.entries()) {
    view.setUint16(12 + 4 * index, 0x8100);
    view.setUint16(14 + 4 * index, tag);
  }
  view.setUint16(header - 2, etherType);
  bytes.set(packet, header);
  return bytes;
}

/** A classic pcap file, little-endian, microseconds. */
export function pcapFile(packets: readonly WrittenPacket[], linkType = 1): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + 16 + packet.bytes.length, 24);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint32(4, 0x00040002, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, linkType, true);
  let at = 24;
  for (const { bytes, time, wireBytes } of packets) {
    const whole = Math.floor(time);
    view.setUint32(at, whole, true);
    view.setUint32(at + 4, Math.round((time - whole) * 1e6), true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, wireBytes ?? bytes.length, true);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
}
