import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A key and the certificate for it, both PEM. */
interface TestIdentity {
  readonly key: string;
  /** Leaf and authority. */
  readonly cert: string;
}

/** Issues certificates that live in memory for the length of a test. */
export interface TestAuthority {
  readonly certificate: string;
  issue(subject: {
    readonly name: string;
    readonly ips?: readonly string[];
    readonly names?: readonly string[];
  }): TestIdentity;
}

/** X.509 version 3 with P-256 and SHA-256, as much of RFC 5280 as OpenSSL insists on. */
export function createTestAuthority(name: string): TestAuthority {
  const root = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = pem(
    "CERTIFICATE",
    certify({
      issuer: name,
      signer: root.privateKey,
      subject: name,
      key: root.publicKey,
      extensions: [basicConstraints],
    }),
  );
  return {
    certificate,
    issue({ name: subject, ips = [], names = [] }) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const alternatives = [
        ...names.map((dns) => tlv(0x82, Buffer.from(dns))),
        ...ips.map((ip) => tlv(0x87, Buffer.from(ip.split(".").map(Number)))),
      ];
      const extensions = alternatives.length === 0 ? [] : [extension("2.5.29.17", sequence(...alternatives))];
      const cert = certify({ issuer: name, signer: root.privateKey, subject, key: leaf.publicKey, extensions });
      return {
        key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
        cert: pem("CERTIFICATE", cert) + certificate,
      };
    },
  };
}

function certify(options: {
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly subject: string;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}): Buffer {
  // ecdsa-with-SHA256
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const content = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(options.issuer),
    sequence(tlv(0x17, Buffer.from("200101000000Z")), tlv(0x17, Buffer.from("491231235959Z"))),
    distinguishedName(options.subject),
    options.key.export({ type: "spki", format: "der" }),
    ...(options.extensions.length === 0 ? [] : [tlv(0xa3, sequence(...options.extensions))]),
  );
  return sequence(content, algorithm, bitString(sign("sha256", content, options.signer)));
}

const basicConstraints = extension("2.5.29.19", sequence(tlv(0x01, Buffer.from([0xff]))));

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(commonName)))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [40 * first + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), value]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
