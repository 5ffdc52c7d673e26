/** The address in `address:port`; IPv6 addresses keep their brackets. A client is one source whatever port it speaks from. */
export function sourceHost(source: string): string {
  const colon = source.lastIndexOf(":");
  return colon > source.lastIndexOf("]") ? source.slice(0, colon) : source;
}
