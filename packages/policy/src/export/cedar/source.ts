/**
 * The address of `address`, `address:port` or `[address]:port` as Cedar's ipaddr takes it; undefined when it is none.
 * IPv4 in IPv6 (RFC 4291 § 2.5.5.2) is the IPv4 client it stands for.
 */
export function sourceAddress(source: string): string | undefined {
  const bracketed = /^\[([^\]]*)\]/.exec(source)?.[1];
  const text = (bracketed ?? source).split("%")[0]!.toLowerCase();
  const octets = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(text)?.[1];
  if (octets !== undefined) {
    const sound = octets.split(".").every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet);
    return sound ? octets : undefined;
  }
  const mapped = /^(?:::|0:0:0:0:0:)ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return /^[0-9a-f:]+$/.test(text) && text.includes("::") !== /^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$/.test(text)
    ? text
    : undefined;
}
