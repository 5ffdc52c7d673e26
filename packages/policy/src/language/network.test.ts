import { describe, expect, it } from "vitest";
import { inNetwork, parseNetwork, parseSource } from "./network.ts";

describe("networks", () => {
  it.each([
    ["10.2.0.0/16", "10.2.255.1", true],
    ["10.2.0.0/16", "10.3.0.1", false],
    ["10.2.0.0/12", "10.15.0.1", true],
    ["10.2.0.0/12", "10.16.0.1", false],
    ["0.0.0.0/0", "200.1.1.1", true],
    ["10.2.0.7", "10.2.0.7", true],
    ["10.2.0.7", "10.2.0.8", false],
    ["10.2.0.0/31", "10.2.0.1:502", true],
    ["10.2.0.0/16", "::ffff:10.2.0.1", true],
    ["10.2.0.0/16", "[::ffff:10.2.0.1]:502", true],
    ["10.2.0.0/16", "::ffff:a02:1", true],
    ["::ffff:a02:1", "10.2.0.1", true],
    ["10.2.0.0/16", "::1", false],
    ["::/0", "10.2.0.1", false],
    ["2001:db8::/32", "2001:db8:1::5", true],
    ["2001:db8::/32", "2001:DB9::5", false],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["fe80::1", "fe80::1%eth0", true],
    ["1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:1", true],
    ["::1", "::1", true],
  ])("%s and %s: %s", (network, source, wanted) => {
    expect(inNetwork(parseNetwork(network)!, parseSource(source)!)).toBe(wanted);
  });

  it.each([
    ...["", "10.2.0", "10.2.0.256", "10.2.0.0/33", "10.2.0.0/", "10.2.0.0/x", "a.b.c.d", "1:2:3:4:5:6:7"],
    ...[
      "1:2:3:4:5:6:7:8:9",
      "::1::",
      "1:2:3:4::5:6:7:8",
      "12345::",
      "::/129",
      ":",
      "g::",
      "010.2.0.0",
      "10.2.0.00",
      "::ffff:a02:0/112",
    ],
  ])("%j is no network", (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  it.each(["host", "[::1", "10.0.0.1.2:5"])("%j is no source", (text) => {
    expect(parseSource(text)).toBeUndefined();
  });
});
