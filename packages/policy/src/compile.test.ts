import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { compilePolicy, NoHashError, readPolicy } from "./index.ts";
import { canonicalText } from "./language/canonical.ts";
import { devices } from "./testing/site.ts";

const written = `
policy: 1
roles: [Viewer, Operator]
rules:
  - id: a
    permit: { roles: [Operator, Viewer] }
    units: [1, 2-4]
    devices: [boiler]
    allow: [{ functions: [16, 8/1, 6], table: holding, addresses: [5-9, 0-4] }, { write: mode, values: [1, 0] }]
    when: { transports: [tls, tcp], sources: [10.0.0.0/8] }
  - { id: b, forbid: { roles: "*" }, deny: [{ read: { label: command } }] }
`;
const rewritten = `# The same, said otherwise.
{"mode": "enforce", "roles": ["Operator", "Viewer", ], "policy": 1,
 "tests": [{"as": null, "unit": 1, "function": 3, "address": 0, "expect": "deny"}],
 "rules": [
  {"units": ["1-4"], "id": "a", "permit": {"roles": ["Viewer", "Operator"]}, "devices": ["boiler"],
   "when": {"sources": ["10.0.0.0/8"], "transports": ["tcp", "tls"]},
   "allow": [{"addresses": ["0-9"], "table": "holding", "functions": [6, 16, "8/1"]}, {"values": [0, 1], "write": "mode"}]},
  {"deny": [{"read": {"label": "command"}}], "forbid": {"roles": "*"}, "id": "b"}]}`;
const hash = (text: string) => compilePolicy(readPolicy(text, "p.yaml"), devices).hash;

describe("the hash of a policy", () => {
  it("is the first 16 hex digits of SHA-256 over the canonical document", () => {
    const canonical = canonicalText(readPolicy(written, "p.yaml").value);
    expect(hash(written)).toBe(createHash("sha256").update(canonical).digest("hex").slice(0, 16));
  });

  it("does not change with comments, white space, order within sets, or tests", () => {
    expect(hash(rewritten)).toBe(hash(written));
  });

  it.each([
    ["mode", written.replace("policy: 1", "policy: 1\nmode: shadow")],
    ["a unit", written.replace("2-4", "2-3, 4-5")],
    ["an address", written.replace("5-9", "5-10")],
    ["a function", written.replace("8/1", "8/2")],
    ["a value", written.replace("[1, 0]", "[1]")],
    ["a transport", written.replace("tls, tcp", "tls")],
    ["a label", written.replace("command", "measurement")],
    ["forbid and permit", written.replace(/forbid(.*)deny/, "permit$1allow")],
  ])("changes with %s", (_what, text) => {
    expect(text).not.toBe(written);
    expect(hash(text)).not.toBe(hash(written));
  });

  it("comes from the given function, which a browser needs", () => {
    const document = readPolicy(written, "p.yaml");
    expect(compilePolicy(document, devices, { sha256: () => "0123456789abcdef0123" }).hash).toBe("0123456789abcdef");
    vi.stubGlobal("process", undefined);
    try {
      expect(() => compilePolicy(document, devices)).toThrow(NoHashError);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
