import { MAX_TCP_ADU, MBAP_HEADER } from "@modwarden/protocol";

/** Bytes in front of what the length field counts. */
const counted = 6;

/**
 * The end of the ADU that begins at `at`, or -1 when none does: a datagram holds whole ADUs, and what is none is
 * dropped with what stands behind it.
 */
function aduEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length - at <= MBAP_HEADER) return -1;
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  const end = at + counted + length;
  const isModbus = bytes[at + 2] === 0 && bytes[at + 3] === 0 && length >= 2 && counted + length <= MAX_TCP_ADU;
  return isModbus && end <= bytes.length ? end : -1;
}

/** How many bytes at the front of a datagram are whole ADUs. */
export function wholeAdus(datagram: Uint8Array): number {
  let end = 0;
  for (let next = aduEnd(datagram, 0); next > 0; next = aduEnd(datagram, next)) end = next;
  return end;
}

/** Hands out bytes as they go into datagrams: one ADU each, because devices read only the first of several. */
export function eachDatagram(bytes: Uint8Array, send: (datagram: Uint8Array) => void): void {
  let at = 0;
  while (at < bytes.length) {
    const end = aduEnd(bytes, at);
    const next = end > 0 ? end : Math.min(bytes.length, at + MAX_TCP_ADU);
    send(bytes.subarray(at, next));
    at = next;
  }
}
