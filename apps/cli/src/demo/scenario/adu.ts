import { encodeRequest, MBAP_HEADER, type Request, requestSize, toHex, writeMbap } from "@modwarden/protocol";

/** A request as it goes over the wire. */
export function adu(transaction: number, unit: number, request: Request): Uint8Array {
  const size = requestSize(request);
  const out = new Uint8Array(MBAP_HEADER + size);
  writeMbap(out, 0, transaction, unit, size);
  encodeRequest(request, out, MBAP_HEADER);
  return out;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Each ADU in what was received as "transaction: pdu", in order. */
export function replies(received: Uint8Array): string[] {
  const view = Buffer.from(received);
  const found: string[] = [];
  for (let at = 0; at + MBAP_HEADER <= view.length; ) {
    const end = at + 6 + view.readUInt16BE(at + 4);
    found.push(`${view.readUInt16BE(at)}: ${toHex(view.subarray(at + MBAP_HEADER, Math.min(end, view.length)))}`);
    at = end;
  }
  return found;
}
