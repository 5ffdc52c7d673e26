import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseRegistrationKey } from "../registration-key.ts";
import { enrol, refusalOf } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";
import type { ClaimedEnrolment } from "../types.ts";
import { derivedKeys } from "./batches.ts";
import { parseBatch } from "./derive.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

describe("keys derived from a batch", () => {
  it("are the first 160 bits of an HMAC over the serial number, counted here by hand", async () => {
    await using site = await openSite();
    const { id } = await site.service.keys.batches.create("meters-26", { kind: "device", roles: ["Meter"] });
    const [derived] = await site.service.keys.batches.derive("meters-26", ["SN-0012"]);
    const batch = parseBatch(await site.service.keys.batches.export("meters-26"));
    const digest = createHmac("sha256", batch.key).update("SN-0012").digest().subarray(0, 20);
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const secret = Array.from({ length: 32 }, (_, at) => ALPHABET[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]);
    expect(parseRegistrationKey(derived!.key)).toEqual({ id, secret: secret.join("") });
    expect(derivedKeys(batch, ["SN-0012"])).toEqual([derived]);
    expect(site.events.map(({ event }) => event)).toContain("key-batch-exported");
  });

  it("open one enrolment for each serial number, also after a restart", async () => {
    await using site = await openSite();
    const { batches } = site.service.keys;
    await batches.create("meters", { kind: "device", roles: [], model: "PM5560", claims: { warranty: "2031" } });
    const [one, two] = await batches.derive("meters", ["S1", "S2"]);
    await site.restart();
    const first = (await enrol(site, one!.key, "meter-1", { serial: "S1" })) as ClaimedEnrolment;
    await site.service.confirm(first.fingerprint);
    expect((await refusalOf(enrol(site, one!.key, "meter-2", { serial: "S1" }))).code).toBe("ERR_ENROLMENT_TAKEN");
    const reasons: unknown[] = [];
    for (const serial of [undefined, "S2", "S3"]) {
      await refusalOf(enrol(site, one!.key, "meter-2", serial === undefined ? {} : { serial }));
      reasons.push(site.events.at(-1)?.reason);
    }
    expect(reasons).toEqual(["wrong-secret", "wrong-secret", "wrong-secret"]);
    expect((await enrol(site, two!.key, "meter-2", { serial: "S2" })).state).toBe("claimed");
    expect(await site.service.identities.show("meter-1")).toMatchObject({
      model: "PM5560",
      serial: "S1",
      claims: { warranty: "2031", batch: "meters" },
    });
    await site.service.identities.retire("meter-1");
    await refusalOf(enrol(site, one!.key, "meter-1", { serial: "S1" }));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
  });

  it("keep to the list of a batch that has one", async () => {
    await using site = await openSite();
    await site.service.keys.batches.create("meters", { kind: "device", roles: [], serials: ["S1"] });
    const [listed, other] = await site.service.keys.batches.derive("meters", ["S1", "S2"]);
    await refusalOf(enrol(site, other!.key, "meter-2", { serial: "S2" }));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "serial" });
    expect((await enrol(site, listed!.key, "meter-1", { serial: "S1" })).state).toBe("claimed");
  });

  it("come from a file of 0600 that is nowhere in the registry", async () => {
    await using site = await openSite();
    await site.service.keys.batches.create("meters", { kind: "device", roles: [] });
    const [derived] = await site.service.keys.batches.derive("meters", ["S1"]);
    await enrol(site, derived!.key, "meter-1", { serial: "S1" });
    const dir = join(site.dir, "keys");
    const [file = ""] = readdirSync(dir);
    expect([statSync(dir).mode & 0o777, statSync(join(dir, file)).mode & 0o777]).toEqual([0o700, 0o600]);
    const { key } = parseBatch(readFileSync(join(dir, file), "utf8"));
    const { secret } = parseRegistrationKey(derived!.key);
    for (const name of readdirSync(site.dir).filter((entry) => entry.startsWith("registry"))) {
      const bytes = readFileSync(join(site.dir, name));
      expect(bytes.includes(Buffer.from(key)) || bytes.includes(Buffer.from(key).toString("base64"))).toBe(false);
      expect(bytes.includes(secret)).toBe(false);
    }
  });

  it("need a name that is free, and serial numbers that are some", async () => {
    await using site = await openSite();
    const { batches } = site.service.keys;
    await batches.create("meters", { kind: "device", roles: [] });
    expect((await refusalOf(batches.create("meters", { kind: "device", roles: [] }))).code).toBe("ERR_KEY_OPTIONS");
    expect((await refusalOf(batches.create("../x", { kind: "device", roles: [] }))).code).toBe("ERR_KEY_OPTIONS");
    expect((await refusalOf(batches.derive("nobody", ["S1"]))).code).toBe("ERR_KEY_UNKNOWN");
    expect((await refusalOf(batches.derive("meters", [""]))).code).toBe("ERR_KEY_OPTIONS");
  });
});
