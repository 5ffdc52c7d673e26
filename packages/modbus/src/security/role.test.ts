import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTestAuthority } from "../testing/certificates.ts";
import { tlv, utf8String as utf8 } from "../testing/der-writer.ts";
import { roleOf, roleTextProblem } from "./role.ts";

const authority = createTestAuthority("role test");

/** A real certificate with one role extension for each of `values` (its raw content). */
function certificate(roles: readonly Uint8Array[], critical = false): Uint8Array {
  const { leaf } = authority.issue({ name: "role test", roles, critical });
  // It has to be one that OpenSSL accepts: these are what gets past a handshake.
  expect(new X509Certificate(leaf).subject).toBe("CN=role test");
  return leaf;
}

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("roleOf", () => {
  it.each([
    ["a word", "Operator"],
    ["one character", "x"],
    ["64 characters", "x".repeat(64)],
    ["64 characters of four bytes", "😀".repeat(64)],
    ["words with umlauts and blanks", "Schichtführer Halle 2"],
    ["a byte order mark, which is a character of the role", "\uFEFFOperator"],
  ])("reads %s", (_, role) => {
    expect(roleOf(certificate([utf8(role)]))).toEqual({ role });
  });

  it("reads a critical extension too", () => {
    expect(roleOf(certificate([utf8("Operator")], true))).toEqual({ role: "Operator" });
  });

  it.each([
    ["none", [], "role-missing"],
    ["two", [utf8("Operator"), utf8("Viewer")], "role-several"],
    ["twice the same", [utf8("Operator"), utf8("Operator")], "role-several"],
    ["an empty one", [utf8("")], "role-empty"],
    ["a PrintableString", [tlv(0x13, Buffer.from("Operator"))], "role-not-utf8string"],
    ["an IA5String", [tlv(0x16, Buffer.from("Operator"))], "role-not-utf8string"],
    ["an OCTET STRING", [tlv(0x04, Buffer.from("Operator"))], "role-not-utf8string"],
    ["a constructed UTF8String", [tlv(0x2c, utf8("Operator"))], "role-not-utf8string"],
    ["bare text without a tag", [Buffer.from("Operator")], "role-malformed"],
    ["a byte behind it", [bytes("0c 01 41 00")], "role-trailing-bytes"],
    ["two strings in one extension", [Buffer.concat([utf8("A"), utf8("B")])], "role-trailing-bytes"],
    ["a length beyond the end", [bytes("0c 05 41")], "role-malformed"],
    ["a length that is not minimal", [bytes("0c 81 01 41")], "role-malformed"],
    ["an indefinite length", [bytes("2c 80 0c 01 41 00 00")], "role-malformed"],
    ["nothing at all", [new Uint8Array()], "role-malformed"],
    ["65 characters", [utf8("x".repeat(65))], "role-too-long"],
    ["far too many", [utf8("x".repeat(5000))], "role-too-long"],
    ["a line end", [utf8("Oper\nator")], "role-control-character"],
    ["a NUL, where others stop reading", [utf8("Operator\0x")], "role-control-character"],
    ["a C1 control", [utf8("Oper\u0085ator")], "role-control-character"],
    ["invalid UTF-8", [bytes("0c 02 c3 28")], "role-not-utf8"],
    ["an overlong encoding", [bytes("0c 02 c1 81")], "role-not-utf8"],
    ["half a surrogate pair", [bytes("0c 03 ed a0 80")], "role-not-utf8"],
  ] as const)("gives nobody a role for %s", (_, values, reason) => {
    expect(roleOf(certificate(values))).toEqual({ role: null, reason });
  });

  it("never throws, whatever the bytes", () => {
    const good = certificate([utf8("Operator")]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(roleOf(noise)).toEqual({ role: null, reason: "certificate-malformed" });
      }),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(good);
        changed[at] = value;
        expect(roleOf(changed)).toHaveProperty("role");
      }),
    );
    for (let length = 0; length < good.length; length += 1) {
      expect(roleOf(good.subarray(0, length))).toEqual({ role: null, reason: "certificate-malformed" });
    }
    expect(roleOf(Buffer.concat([good, bytes("00")]))).toEqual({ role: null, reason: "certificate-malformed" });
    expect(roleOf(new Uint8Array(70_000))).toEqual({ role: null, reason: "certificate-malformed" });
  });
});

describe("roleTextProblem", () => {
  it("judges texts as the certificates that would carry them are judged", () => {
    for (const text of ["Operator", "", "x".repeat(65), "a\u0007", "ü"]) {
      const problem = roleTextProblem(text);
      expect(roleOf(certificate([utf8(text)]))).toEqual(
        problem === undefined ? { role: text } : { role: null, reason: problem },
      );
    }
    expect(roleTextProblem("\ud800")).toBe("role-not-utf8");
  });
});
