import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { der } from "@modwarden/modbus";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSite } from "../testing/site.ts";
import { certificatePem, derOfPem, splitPem } from "./pem.ts";
import { certificatesOf, certsOnly } from "./pkcs7.ts";

const openssl = spawnSync("openssl", ["version"]).status === 0;
await using site = await openSite();
const chain = splitPem(site.service.chain).map(derOfPem);

/** The same structure with every outer length indefinite, as CMS may be sent: the certificates stay as they are. */
function indefinite(pkcs7: Uint8Array, certificates: readonly Uint8Array[]): Uint8Array {
  const inner = Buffer.concat([
    ...[
      Buffer.from(
        "30800609 2a864886f70d010702 a080 3080 020101 3100 3080 06092a864886f70d010701 0000 a080".replaceAll(" ", ""),
        "hex",
      ),
    ],
    ...certificates,
    Buffer.from("0000 3100 0000 0000 0000".replaceAll(" ", ""), "hex"),
  ]);
  expect(inner.length).toBeGreaterThan(pkcs7.length);
  return inner;
}

describe("certificates in a PKCS #7", () => {
  it("are the ones that were put in, in their order", () => {
    expect(certificatesOf(certsOnly(chain)).map((bytes) => Buffer.from(bytes))).toEqual(
      chain.map((bytes) => Buffer.from(bytes)),
    );
    expect(certificatesOf(certsOnly(chain.toReversed()))[0]).toEqual(new Uint8Array(chain[1] ?? []));
  });

  it("are found when the lengths around them are indefinite", () => {
    expect(certificatesOf(indefinite(certsOnly(chain), chain))).toHaveLength(2);
  });

  it.skipIf(!openssl)("come from openssl and are read by it (skipped without it: apt install openssl)", () => {
    const folder = mkdtempSync(join(tmpdir(), "modwarden-pkcs7-"));
    try {
      writeFileSync(join(folder, "chain.pem"), site.service.chain);
      const made = execFileSync("openssl", [
        ...["crl2pkcs7", "-nocrl", "-certfile", join(folder, "chain.pem"), "-outform", "DER"],
      ]);
      expect(certificatesOf(made)).toEqual(chain.map((bytes) => new Uint8Array(bytes)));
      const ours = Buffer.from(certsOnly(chain));
      const read = execFileSync("openssl", ["pkcs7", "-inform", "DER", "-print_certs"], { input: ours }).toString();
      expect(splitPem(read)).toEqual(chain.map((bytes) => certificatePem(bytes)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("are not found in anything else, and never take the reader down", () => {
    const good = certsOnly(chain);
    for (let length = 0; length < good.length; length += 1) {
      expect(() => certificatesOf(good.subarray(0, length))).toThrow(der.DerError);
    }
    expect(() => certificatesOf(certsOnly([]))).toThrow(der.DerError);
    expect(() => certificatesOf(certsOnly(Array(17).fill(chain[0])))).toThrow(der.DerError);
    expect(() => certificatesOf(Buffer.alloc(70_000))).toThrow(der.DerError);
    expect(() => certificatesOf(Buffer.concat([good, Buffer.alloc(2)]))).toThrow(der.DerError);
    expect(() => certificatesOf(Buffer.from("3080".repeat(2000), "hex"))).toThrow(der.DerError);
    expect(() => certificatesOf(chain[0] ?? new Uint8Array())).toThrow(der.DerError);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(good);
        changed[at] = value;
        try {
          expect(certificatesOf(changed).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(der.DerError);
        }
      }),
    );
  });
});
