import { describe, expect, it } from "vitest";
import { claimed, enrol } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { readBundle } from "./payload.ts";

const site = facts({ url: () => "https://gw1:8443" });

async function bundleOf(from: TestSite): Promise<string> {
  const { key } = await from.service.keys.create({ kind: "device", roles: [], model: "PM5560" });
  const capabilities = {
    functions: ["3", "43/14"],
    tables: ["holding"],
    objects: { VendorName: "Schneider" },
  } as const;
  const device = { unit: 7, firmware: "2.1", address: "modbus+tls://10.0.0.7:802", capabilities };
  return claimed(await enrol(from, key, "meter-7", { serial: "S7", device })).bundle;
}

describe("the bundle that comes back", () => {
  it("says what is registered, whom to trust, how to renew and until when to confirm", async () => {
    await using from = await openSite({ site });
    const bundle = readBundle(await bundleOf(from), { pin: from.service.pin }, from.clock);
    const minutes = (text: string): number => Math.round((Date.parse(text) - from.clock) / 60_000);
    expect(bundle).toMatchObject({
      bundle: 1,
      site: "demo",
      gateway: "gw1",
      serverTime: new Date(from.clock).toISOString(),
      anchors: [from.service.root],
      record: {
        ...{ id: "meter-7", kind: "device", role: null, state: "claimed", serial: "S7", model: "PM5560", unit: 7 },
        ...{ address: "modbus+tls://10.0.0.7:802", firmware: "2.1", configuration: {}, names: [] },
        capabilities: { functions: ["3", "43/14"], tables: ["holding"], objects: { VendorName: "Schneider" } },
      },
      crls: { root: expect.stringContaining("X509 CRL"), url: "https://gw1:8443/v1/crl/issuing" },
      policy: { version: 1, hash: "ab12" },
      renewal: { url: "https://gw1:8443", counter: 0, recoveriesLeft: 3 },
    });
    expect(minutes(bundle.confirmBy)).toBe(10);
    expect(minutes(bundle.renewal.after) / 1440).toBeGreaterThan(55);
    expect(bundle.chain).toHaveLength(3);
  });

  it("is of no use under another pin, or when a letter of it was changed", async () => {
    await using from = await openSite({ site });
    await using other = await openSite({ site });
    const text = await bundleOf(from);
    const code = (run: () => unknown): unknown => {
      try {
        run();
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
      return "none";
    };
    expect(code(() => readBundle(text, { pin: other.service.pin }, from.clock))).toBe("ERR_ENROLMENT_PIN");
    for (const broken of [text.replace('"signature":"', '"signature":"A'), "{}", "", text.slice(1)]) {
      expect(code(() => readBundle(broken, { pin: from.service.pin }, from.clock))).toBe("ERR_BUNDLE_INVALID");
    }
  });

  it("tells a device whose clock is wrong that it is", async () => {
    await using from = await openSite({ site });
    const text = await bundleOf(from);
    for (const days of [-3650, -1, 91]) {
      const at = from.clock + days * 86_400_000;
      expect(() => readBundle(text, { pin: from.service.pin }, at)).toThrow(
        expect.objectContaining({ code: "ERR_ENROLMENT_CLOCK" }) as Error,
      );
    }
    expect(readBundle(text, { pin: from.service.pin }, from.clock + 30 * 86_400_000).record.id).toBe("meter-7");
  });
});
