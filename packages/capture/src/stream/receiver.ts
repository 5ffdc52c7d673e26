import type { Packet } from "../packet/pcap.ts";

/** What one direction of a connection is told, in the order of its bytes. */
export interface Receiver {
  /** The stream begins with the next byte: its first one was recorded. */
  begin(): void;
  /** The next bytes: a view into the packet. */
  data(bytes: Uint8Array, packet: Packet): void;
  /** Bytes are missing here; `packet` is the one at which that became clear. */
  lost(reason: string, packet: Packet): void;
  /** A second copy of bytes differs from the first, which counts. `bytes` begin with the first difference. */
  differs(bytes: Uint8Array, packet: Packet): void;
  /** No more bytes will come. */
  end(): void;
}

/** Where a view into a packet begins in the file. */
export function fileOffset(bytes: Uint8Array, at: number, packet: Packet): number {
  return packet.offset + (bytes.byteOffset - packet.bytes.byteOffset) + at;
}
