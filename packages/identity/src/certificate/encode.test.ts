import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBytes, integer, objectIdentifier, smallInteger, time, tlv } from "./encode.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const openssl = spawnSync("openssl", ["version"]).status === 0;

describe("what is written in DER", () => {
  it.each([
    [0, "0400"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_536, "0483010000"],
  ])("has the shortest length for %i bytes", (length, head) => {
    expect(hex(tlv(4, new Uint8Array(length))).slice(0, head.length)).toBe(head);
  });

  it("keeps integers positive and short", () => {
    expect(hex(smallInteger(0))).toBe("020100");
    expect(hex(smallInteger(127))).toBe("02017f");
    expect(hex(smallInteger(128))).toBe("02020080");
    expect(hex(smallInteger(2n ** 64n))).toBe("0209010000000000000000");
    expect(hex(integer(Uint8Array.of(0, 0, 0x80)))).toBe("02020080");
    expect(hex(integer(new Uint8Array()))).toBe("020100");
  });

  it("writes identifiers with large arcs", () => {
    expect(hex(objectIdentifier("1.2.840.113549.1.7.2"))).toBe("06092a864886f70d010702");
    expect(hex(objectIdentifier("1.3.6.1.4.1.50316.802.1"))).toBe("060b2b0601040183890c862201");
    expect(hex(objectIdentifier("2.5.29.35"))).toBe("0603551d23");
  });

  it("changes from UTCTime to GeneralizedTime with the year 2050", () => {
    expect(Buffer.from(time(new Date("2049-12-31T23:59:59.9Z"))).toString("latin1")).toBe("\x17\r491231235959Z");
    expect(Buffer.from(time(new Date("2050-01-01T00:00:00Z"))).toString("latin1")).toBe("\x18\x0f20500101000000Z");
    expect(Buffer.from(time(new Date("1950-01-01T00:00:00Z"))).toString("latin1")).toBe("\x17\r500101000000Z");
  });

  it("writes addresses of both families", () => {
    expect(hex(addressBytes("10.0.200.1"))).toBe("0a00c801");
    expect(hex(addressBytes("::"))).toBe("0".repeat(32));
    expect(hex(addressBytes("2001:db8::8:1"))).toBe("20010db8000000000000000000080001");
    expect(hex(addressBytes("1:2:3:4:5:6:7:8"))).toBe("00010002000300040005000600070008");
    expect(hex(addressBytes("::ffff:10.0.0.1"))).toBe(`${"0".repeat(20)}ffff0a000001`);
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const groups = hex(addressBytes(address)).match(/.{4}/g) ?? [];
        // The same address in the one form that a URL gives it.
        expect(new URL(`http://[${groups.join(":")}]`).host).toBe(new URL(`http://[${address}]`).host);
      }),
    );
  });

  it.skipIf(!openssl)("reads as such before openssl (skipped without it: apt install openssl)", () => {
    const made = tlv(0x30, objectIdentifier("1.3.6.1.4.1.50316.802.1"), time(new Date("2051-02-03T04:05:06Z")));
    const read = execFileSync("openssl", ["asn1parse", "-inform", "DER"], { input: made }).toString();
    expect(read).toContain("1.3.6.1.4.1.50316.802.1");
    expect(read).toContain("20510203040506Z");
  });
});
