import { describe, expect, it } from "vitest";
import { isIdentityId, isServerName, isWithin, networkOf } from "./names.ts";

describe("names", () => {
  it("knows ids", () => {
    for (const id of ["a", "hmi-2", "gw1.plant.example", "A_b", "x".repeat(64)]) expect(isIdentityId(id)).toBe(true);
    for (const id of ["", "-a", "a-", ".a", "a b", "ä", "a/b", "a\n", "x".repeat(65)])
      expect(isIdentityId(id)).toBe(false);
  });

  it("knows what can stand in a server's certificate", () => {
    for (const name of ["gw1", "gw1.plant.example", "10.0.0.1", "::1"]) expect(isServerName(name)).toBe(true);
    for (const name of ["", "*.plant.example", "a_b", "-a", "a-", "a..b", "a b", "x".repeat(64), "fe80::1%eth0"]) {
      expect(isServerName(name)).toBe(false);
    }
  });

  it("matches addresses with networks, as a dual-stack socket reports them too", () => {
    expect(isWithin("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])).toBe(true);
    expect(isWithin("::ffff:10.1.2.3", ["10.1.2.3"])).toBe(true);
    expect(isWithin("10.1.2.4", ["10.1.2.3"])).toBe(false);
    expect(isWithin("fd00::5", ["fd00::/8"])).toBe(true);
    expect(isWithin("fd00::5", ["10.0.0.0/8"])).toBe(false);
    expect(isWithin("nonsense", ["0.0.0.0/0"])).toBe(false);
    for (const wrong of ["10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/8/8", "10.0.0.0/", "::/129"]) {
      expect(() => networkOf(wrong)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_INVALID" }) as Error);
    }
  });
});
