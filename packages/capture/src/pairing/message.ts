import type { Packet } from "../packet/pcap.ts";

/** An ADU's header and what its body says. */
export interface Message<Body> {
  readonly packet: Packet;
  readonly transaction: number;
  readonly unit: number;
  /** As on the wire, bit 7 included. */
  readonly functionCode: number;
  /** The byte behind the function code: of an exception its code. */
  readonly second?: number;
  /** Absent where it cannot be read. */
  readonly body?: Body;
  readonly fault?: string;
}
