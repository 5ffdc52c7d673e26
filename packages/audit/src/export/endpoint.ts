/** Where a request came from, as far as the record says. */
export interface Endpoint {
  /** Without the brackets that an IPv6 address has before a port. */
  readonly address: string;
  readonly port?: number;
}

/** An IP address in its written form; what is none (a serial line, a memory link) is no address in any format. */
function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (text.includes(":") && /^[0-9a-fA-F:.]{2,45}$/.test(text));
}

/** `10.0.0.5:49152`, `[::1]:49152`, an address alone, or undefined for anything else. */
export function endpointOf(source: string | undefined): Endpoint | undefined {
  if (source === undefined) return undefined;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(source);
  const address = match?.[1] ?? match?.[2] ?? source;
  if (!isAddress(address)) return undefined;
  const port = match?.[3];
  return port === undefined ? { address } : { address, port: Number(port) };
}
