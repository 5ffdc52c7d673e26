import type { Transport } from "@modwarden/access";

/** A set of transports as bits, so that a decision costs one AND. */
const bits: Readonly<Record<Transport, number>> = { tcp: 1, tls: 2, udp: 4, rtu: 8, ascii: 16, memory: 32 };

export const ALL_TRANSPORTS = 63;
/** The transports on which a subject has proved who it is. */
export const TLS_ONLY: number = bits.tls;

/** 0 for a transport that is none: no rule covers it. */
export function transportBit(transport: Transport): number {
  return bits[transport] ?? 0;
}

export function transportBits(transports: readonly Transport[]): number {
  return transports.reduce((set, transport) => set | transportBit(transport), 0);
}

export function transportNames(set: number): string {
  return Object.entries(bits)
    .filter(([, bit]) => (set & bit) !== 0)
    .map(([transport]) => transport)
    .join(", ");
}
