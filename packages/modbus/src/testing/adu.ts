import { encodeFrame, parseHex } from "@modwarden/protocol";

/** One ADU: the PDU is hex. */
export function adu(transaction: number, unit: number, pdu: string): Uint8Array {
  return encodeFrame({ transport: "tcp", transaction, unit }, parseHex(pdu));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
