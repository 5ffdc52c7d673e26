import { describe, expect, it } from "vitest";
import { BadNetworkError, checkNetwork, createSourceTable } from "./sources.ts";

describe("createSourceTable", () => {
  const table = createSourceTable([
    { network: "10.0.0.0/8", subject: "plant" },
    { network: "10.0.0.5/32", subject: "hmi" },
    { network: "10.0.0.7", subject: "scada" },
    { network: "2001:db8::/48", subject: "six" },
    { network: "2001:db8::1", subject: "one" },
  ]);

  it.each([
    ["10.0.0.5", "hmi"],
    ["10.0.0.6", "plant"],
    ["10.0.0.7", "scada"],
    ["10.255.255.255", "plant"],
    ["11.0.0.1", undefined],
    ["::ffff:10.0.0.5", "hmi"],
    ["2001:db8:0:1::9", "six"],
    ["2001:db8:0:0::1", "one"],
    ["2001:db8:1::9", undefined],
    ["not an address", undefined],
    ["", undefined],
  ])("%s is %s: the longest prefix wins", (address, subject) => {
    expect(table.subjectOf(address)).toBe(subject);
  });

  it("a network of everything matches only its own version", () => {
    const all = createSourceTable([{ network: "0.0.0.0/0", subject: "all" }]);
    expect(all.subjectOf("203.0.113.9")).toBe("all");
    expect(all.subjectOf("2001:db8::1")).toBeUndefined();
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "plant", "2001:db8::/129", "10.0.0/8"])(
    "refuses %s",
    (network) => {
      expect(() => createSourceTable([{ network, subject: "a" }])).toThrow(BadNetworkError);
    },
  );

  it("refuses one network for two identities, however it is written", () => {
    for (const again of ["10.0.0.7/32", "10.0.0.7"]) {
      const mappings = [
        { network: "10.0.0.7", subject: "a" },
        { network: again, subject: "b" },
      ];
      expect(() => createSourceTable(mappings)).toThrow(BadNetworkError);
    }
  });
});

describe("checkNetwork", () => {
  it.each(["10.0.0.0/8", "10.0.0.5", "10.0.0.5/32", "0.0.0.0/0", "2001:db8::/48", "::1", "::/0", "fe80::/10"])(
    "takes %s",
    (network) => {
      expect(() => checkNetwork(network)).not.toThrow();
    },
  );

  it.each(["10.0.0.5/8", "10.0.0.1/31", "2001:db8::1/48", "::ffff:10.0.0.5", "::ffff:10.0.0.0/104", "plant"])(
    "refuses %s",
    (network) => {
      expect(() => checkNetwork(network)).toThrow(BadNetworkError);
    },
  );
});
