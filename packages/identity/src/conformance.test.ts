import { X509Certificate } from "node:crypto";
import { der, roleOf } from "@modwarden/modbus";
import { describe, expect, it } from "vitest";
import { splitPem } from "./certificate/pem.ts";
import { enrolled } from "./testing/enrol.ts";
import { openSite } from "./testing/site.ts";

/** What Modbus/TCP Security wants of the certificates that are handed out. */
const KEY_USAGE = "551d0f";
const SUBJECT_KEY = "551d0e";
const AUTHORITY_KEY = "551d23";
const CONSTRAINTS = "551d13";
const EXTENDED_USAGE = "551d25";
const ALTERNATIVES = "551d11";

interface Read {
  readonly version: string;
  readonly serial: Uint8Array;
  /** Object identifiers in hex, DER content. */
  readonly extensions: readonly string[];
}

function read(certificate: Uint8Array): Read {
  const fields = der.childrenOf(der.childrenOf(der.whole(certificate, der.TAG.sequence))[0]!);
  const list = der.childrenOf(fields.at(-1)!)[0]!;
  return {
    version: Buffer.from(der.contentOf(fields[0]!)).toString("hex"),
    serial: der.contentOf(fields[1]!),
    extensions: der.childrenOf(list).map((one) => Buffer.from(der.contentOf(der.childrenOf(one)[0]!)).toString("hex")),
  };
}

describe("certificates for Modbus/TCP Security", () => {
  it("R-19 who enrols is provisioned with a certificate of this site, for a key that only it has", async () => {
    await using site = await openSite();
    const { chain, anchors, id } = await enrolled(site, "hmi-1");
    const [leaf, issuing] = splitPem(chain).map((pem) => new X509Certificate(pem));
    expect(leaf!.subject).toBe(`CN=${id}`);
    expect(leaf!.verify(issuing!.publicKey)).toBe(true);
    expect(anchors.map((pem) => new X509Certificate(pem).fingerprint256)).toEqual([
      new X509Certificate(splitPem(chain).at(-1)!).fingerprint256,
    ]);
    expect(chain).not.toContain("PRIVATE");
  });

  it("R-20 a client's certificate carries its role", async () => {
    await using site = await openSite();
    const { chain } = await enrolled(site, "hmi-1");
    const [leaf, ...above] = splitPem(chain).map((pem) => new X509Certificate(pem));
    expect(roleOf(leaf!.raw)).toEqual({ role: "Operator" });
    for (const { raw } of above) expect(roleOf(raw)).toMatchObject({ role: null });
  });

  it("R-47 every certificate of the chain conforms to RFC 5280", async () => {
    await using site = await openSite();
    const client = splitPem((await enrolled(site, "hmi-1")).chain);
    const server = await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
    for (const chain of [client, splitPem(server.chain)]) {
      const certificates = chain.map((pem) => new X509Certificate(pem));
      expect(certificates).toHaveLength(3);
      for (const [index, certificate] of certificates.entries()) {
        const issuer = certificates[index + 1] ?? certificate;
        expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true);
        expect(certificate.ca).toBe(index > 0);
        const { version, serial, extensions } = read(certificate.raw);
        // Version 3; a positive serial number of at most 20 bytes. RFC 5280 § 4.1.2.1, § 4.1.2.2
        expect(version).toBe("020102");
        expect(serial.length).toBeLessThanOrEqual(20);
        expect(serial[0]).toBeLessThan(0x80);
        // None twice. § 4.2
        expect(new Set(extensions).size).toBe(extensions.length);
        expect(extensions).toEqual(expect.arrayContaining([SUBJECT_KEY, AUTHORITY_KEY, CONSTRAINTS, KEY_USAGE]));
        if (index === 0) expect(extensions).toEqual(expect.arrayContaining([EXTENDED_USAGE, ALTERNATIVES]));
      }
    }
  });
});
