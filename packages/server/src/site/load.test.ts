import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DocumentError } from "@modwarden/document";
import { afterAll, describe, expect, it } from "vitest";
import { SiteError } from "./error.ts";
import { loadSite } from "./load-with-policy.ts";

const folder = mkdtempSync(join(tmpdir(), "modwarden-load-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "site.yaml");
writeFileSync(
  join(folder, "policy.yaml"),
  "policy: 1\nmode: enforce\nroles: [Viewer]\nrules:\n  - { id: reads, permit: { roles: [Viewer] }, devices: [drive], allow: [{ read: setpoint }] }\n",
);

const good = `modwarden: 1
site: hall
data: ./data
gateway:
  id: gw1
  listen:
    - { url: "modbus+tls://127.0.0.1:802" }
    - url: "modbus+tcp://127.0.0.1:1502"
      sources: { 127.0.0.1/32: hmi }
  devices:
    - { id: drive, unit: 3, profile: danfoss-fc51, at: "modbus+tcp://10.0.0.11:502?unit=1" }
policy: policy.yaml
`;

function problemOf(text: string): string {
  writeFileSync(file, text);
  try {
    loadSite(file);
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  throw new Error("the site file was taken");
}

describe("loadSite", () => {
  it("reads a site with its policy and profiles", () => {
    writeFileSync(file, good);
    const site = loadSite(file);
    expect(site.data).toBe(join(folder, "data"));
    expect(site.devices).toMatchObject([
      { id: "drive", unit: 3, deviceUnit: 1, host: "10.0.0.11", port: 502, outstanding: 1 },
    ]);
    expect(site.listeners.map(({ transport, port, devices }) => [transport, port, devices])).toEqual([
      ["tls", 802, ["drive"]],
      ["tcp", 1502, ["drive"]],
    ]);
    expect(site.value.audit).toEqual({
      reads: "rollup",
      reserve: "16MB",
      witness: [],
      writeAhead: false,
      onFailure: { write: "refuse", read: "forward" },
    });
    expect(site.policy.compiled.roles).toEqual(["Viewer"]);
  });

  it.each([
    ["an unknown key", good.replace("site: hall", "site: hall\ncolour: red"), /site\.yaml:3:1: unknown key "colour"/],
    ["another version", good.replace("modwarden: 1", "modwarden: 2"), /site\.yaml:1:/],
    ["detect", `${good}detect: { mode: learn }\n`, /site\.yaml:13:1: .*does not act on it yet/],
    ["a console for others", `${good}console: { listen: "http://0.0.0.0:8080" }\n`, /site\.yaml:13:12: .*0\.0\.0\.0/],
    ["enrolment without TLS", `${good}enrolment: { listen: "http://127.0.0.1:8443" }\n`, /site\.yaml:13:14: /],
    [
      "approvers that the policy does not know",
      `${good}enrolment: { listen: "https://127.0.0.1:8443", approvers: [Viewer, Nobody] }\n`,
      /site\.yaml:13:\d+: .*no role "Nobody"/,
    ],
    [
      "one device under two ids",
      good.replace(/( +- \{ )id: drive, unit: 3(.*\n)/, "$1id: drive, unit: 3$2$1id: again, unit: 4$2"),
      /site\.yaml:12:\d+: .*one device has one id/,
    ],
    [
      "a network for two identities",
      good.replace("{ 127.0.0.1/32: hmi }", "{ 127.0.0.1/32: hmi, 127.0.0.1: other }"),
      /site\.yaml:9:37: /,
    ],
    [
      "a host that reaches a network",
      good.replace("{ 127.0.0.1/32: hmi }", "{ 127.0.0.1/8: hmi }"),
      /site\.yaml:9:18: .*bits behind/,
    ],
    ["a device with the gateway's id", good.replace("id: drive", "id: gw1"), /site\.yaml:11:9: /],
    [
      "a suite that is not spoken",
      good.replace("  listen:", "  suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n  listen:"),
      /site\.yaml:\d+:\d+: .*TLS_AES_128_GCM_SHA256/,
    ],
    ["metrics", `${good}metrics: { listen: "http://127.0.0.1:9464" }\n`, /site\.yaml:13:1: .*does not act on it yet/],
    ["retain", `${good}audit: { retain: 90 days }\n`, /site\.yaml:13:10: .*90d/],
    ["retainBytes", `${good}audit: { retainBytes: 50GiB }\n`, /site\.yaml:13:10: .*50GB/],
    ["next to nothing", `${good}audit: { retainBytes: 1MB }\n`, /site\.yaml:13:10: .*200MB/],
    [
      "a witness of two kinds",
      `${good}audit: { witness: [{ file: a, gateway: "https://b" }] }\n`,
      /site\.yaml:13:\d+: /,
    ],
    [
      "a gateway that nobody vouches for",
      `${good}audit: { witness: [{ gateway: "https://b" }] }\n`,
      /:13:\d+: .*identity/,
    ],
    ["a witness too seldom", `${good}audit: { witness: [{ file: /mnt/a, every: 61m }] }\n`, /:13:\d+: .*hour/],
    [
      "a witness in the data folder",
      `${good}audit: { witness: [{ file: data/x }] }\n`,
      /:13:\d+: .*in the data folder/,
    ],
    ["three files", `${good}audit: { witness: [{ file: /a }, { file: /b }, { file: /c }] }\n`, /:13:\d+: .*at most 2/],
    [
      "syslog over UDP",
      `${good}audit: { syslog: { to: "udp://siem:514", authority: a, format: cef } }\n`,
      /:13:\d+: .*TLS only/,
    ],
    [
      "syslog to no port",
      `${good}audit: { syslog: { to: "tls://siem:99999", authority: a, format: cef } }\n`,
      /:13:\d+: .*65535/,
    ],
    [
      "an authority that is not there",
      `${good}audit: { syslog: { to: "tls://siem", authority: nowhere.pem, format: cef } }\n`,
      /:13:\d+: .*cannot read/,
    ],
    [
      "an authority that is none",
      `${good}audit: { syslog: { to: "tls://siem", authority: policy.yaml, format: cef } }\n`,
      /:13:\d+: .*no certificate/,
    ],
    ["writeAhead", `${good}audit: { writeAhead: soon }\n`, /site\.yaml:13:10: /],
    ["a plain listener without sources", good.replace("      sources: { 127.0.0.1/32: hmi }\n", ""), /site\.yaml:8:/],
    ["sources on a TLS listener", good.replace('802" }', '802", sources: { 10.0.0.0/8: x } }'), /site\.yaml:7:/],
    ["a network that is none", good.replace("127.0.0.1/32", "127.0.0.1/99"), /site\.yaml:9:18: .*prefix length/],
    [
      "a listener that names no device",
      good.replace("sources:", "devices: [pump]\n      sources:"),
      /site\.yaml:9:\d+: .*no device "pump"/,
    ],
    [
      "a profile that is not there",
      good.replace("danfoss-fc51", "danfoss"),
      /site\.yaml:11:\d+: .*no built-in profile "danfoss"/,
    ],
    [
      "a device that is not reached over TCP",
      good.replace("modbus+tcp://10.0.0.11:502?unit=1", "modbus+rtu:///dev/ttyUSB0?unit=1"),
      /site\.yaml:11:\d+: .*modbus\+tcp and modbus\+tls only/,
    ],
    ["a URL that is none", good.replace("modbus+tls://127.0.0.1:802", "http://127.0.0.1"), /site\.yaml:7:/],
    [
      "two devices of one unit on a listener",
      good.replace("policy:", '    - { id: fan, unit: 3, at: "modbus+tcp://10.0.0.12" }\npolicy:'),
      /unit 3 would mean both "drive" and "fan"/,
    ],
    [
      "a second device of one id",
      good.replace("policy:", '    - { id: drive, unit: 4, at: "modbus+tcp://10.0.0.12" }\npolicy:'),
      /site\.yaml:12:\d+: .*a second device "drive"/,
    ],
    [
      "a policy file that is not there",
      good.replace("policy: policy.yaml", "policy: none.yaml"),
      /site\.yaml:12:1: .*cannot read/,
    ],
  ])("names the place of %s", (_name, text, message) => {
    expect(problemOf(text)).toMatch(message);
  });

  it("says what to do when there is no site file", () => {
    expect(() => loadSite(join(folder, "nothing.yaml"))).toThrow(SiteError);
  });
});
