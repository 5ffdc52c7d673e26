/** DER for what tests issue; the library itself only reads it. ITU-T X.690 § 10 */

/** tag, length, content: short form below 128 bytes, then one length byte, then two. */
export function tlv(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Uint8Array.from([...head, ...content]);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, Buffer.concat(parts));
}

export function bitString(bytes: Uint8Array): Uint8Array {
  return tlv(0x03, Buffer.concat([Uint8Array.of(0), bytes]));
}

export function utf8String(text: string): Uint8Array {
  return tlv(0x0c, Buffer.from(text, "utf8"));
}

export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [40 * first + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Uint8Array.from(bytes));
}

/** UTCTime, seconds, 1950 to 2049. */
export function utcTime(time: Date): Uint8Array {
  return tlv(0x17, Buffer.from(`${time.toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`));
}

/** A name of one common name. */
export function commonName(name: string): Uint8Array {
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), utf8String(name))));
}

export function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Uint8Array.of(0xff))] : []), tlv(0x04, value));
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
