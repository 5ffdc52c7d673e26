import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { parseRegistrationKey } from "./registration-key.ts";
import { openIdentity } from "./service.ts";
import { enrol, enrolled, operator, refusalOf, wrongSecret } from "./testing/enrol.ts";
import { openSite } from "./testing/site.ts";
import type { ClaimedEnrolment } from "./types.ts";

describe("registry", () => {
  it("moves an identity along its states and refuses the other ways", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await enrolled(site, "hmi-2");
    expect((await refusalOf(identities.resume("hmi-2"))).code).toBe("ERR_IDENTITY_STATE");
    expect((await refusalOf(identities.approve("hmi-2"))).code).toBe("ERR_IDENTITY_STATE");
    expect((await identities.suspend("hmi-2")).state).toBe("suspended");
    expect((await identities.resume("hmi-2")).state).toBe("active");
    expect((await identities.revoke("hmi-2")).state).toBe("revoked");
    expect((await refusalOf(identities.resume("hmi-2"))).code).toBe("ERR_IDENTITY_STATE");
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", state: "revoked" }]);
    expect((await identities.retire("hmi-2")).state).toBe("retired");
    expect(site.service.subjectsSnapshot()).toEqual([]);
    expect((await refusalOf(identities.revoke("nobody"))).code).toBe("ERR_IDENTITY_UNKNOWN");
    expect(site.events.filter((event) => event.kind === "identity").map((event) => event.event)).toEqual([
      "suspended",
      "resumed",
      "revoked",
      "retired",
    ]);
  });

  it("shows the snapshot of a revocation to whoever hears of it", async () => {
    const seen: string[] = [];
    await using site = await openSite({
      deliver: async (events) => {
        if (events.at(-1)?.event === "revoked")
          seen.push(...site.service.subjectsSnapshot().map((subject) => subject.state));
      },
    });
    await enrolled(site, "hmi-2");
    await site.service.identities.revoke("hmi-2");
    expect(seen).toEqual(["revoked"]);
  });

  it("never confirms a revoked certificate", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create(operator);
    const result = (await enrol(site, key, "hmi-2")) as ClaimedEnrolment;
    await site.service.identities.revoke("hmi-2");
    expect((await refusalOf(site.service.confirm(result.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
  });

  it("marks the certificates of what was revoked or retired, for whoever publishes revocations", async () => {
    await using site = await openSite();
    await enrolled(site, "kept");
    await enrolled(site, "lost");
    await enrolled(site, "gone");
    await site.service.identities.revoke("lost");
    await site.service.identities.retire("gone");
    const raw = new DatabaseSync(join(site.dir, "registry.sqlite"), { readOnly: true });
    const rows = raw.prepare("select identity_id, revoked from certificate order by identity_id").all();
    raw.close();
    expect(rows).toMatchObject([
      { identity_id: "gone", revoked: site.clock },
      { identity_id: "kept", revoked: null },
      { identity_id: "lost", revoked: site.clock },
    ]);
  });

  it("takes in what cannot enrol itself", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await identities.add({ id: "legacy-hmi", kind: "client", role: "Viewer", source: "127.0.0.1/32" });
    await identities.add({ id: "meter", kind: "device", role: null });
    expect(await identities.list()).toEqual([
      {
        id: "legacy-hmi",
        kind: "client",
        role: "Viewer",
        state: "active",
        serial: null,
        fingerprint: null,
        expires: null,
        tags: [],
      },
      {
        ...{ id: "meter", kind: "device", role: null, state: "active", serial: null },
        ...{ fingerprint: null, expires: null, tags: [] },
      },
    ]);
    expect(site.service.subjectsSnapshot()).toEqual([
      { id: "legacy-hmi", kind: "client", role: "Viewer", state: "active", source: "127.0.0.1/32" },
      { id: "meter", kind: "device", role: null, state: "active" },
    ]);
    const code = async (id: string, source: string): Promise<string> =>
      (await refusalOf(identities.add({ id, kind: "client", role: "Viewer", source }))).code;
    expect(await code("legacy-hmi", "10.0.0.1")).toBe("ERR_IDENTITY_TAKEN");
    expect(await code("new", "10.0.0.0/99")).toBe("ERR_IDENTITY_INVALID");
    expect(await code("a b", "10.0.0.1")).toBe("ERR_IDENTITY_INVALID");
    expect(await identities.find("nobody")).toBeUndefined();
  });

  it("issues the gateway's certificate, replaces it, and gives it to nobody else's name", async () => {
    await using site = await openSite();
    const first = await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
    const second = await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(site.service.subjectsSnapshot()).toMatchObject([
      { id: "gw1", kind: "gateway", fingerprint: second.fingerprint },
    ]);
    await enrolled(site, "hmi-2");
    const taken = site.service.issueServerCertificate({ id: "hmi-2", kind: "gateway", names: ["localhost"] });
    expect((await refusalOf(taken)).code).toBe("ERR_IDENTITY_TAKEN");
    await site.service.identities.revoke("gw1");
    const revoked = site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
    expect((await refusalOf(revoked)).code).toBe("ERR_IDENTITY_STATE");
  });

  it("keeps everything over a restart: authority, keys, uses, identities", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create(operator);
    await enrolled(site, "hmi-2");
    const before = [
      site.service.pin,
      site.service.chain,
      await site.service.keys.list(),
      await site.service.identities.list(),
    ];
    const snapshot = site.service.subjectsSnapshot();
    await site.restart();
    const after = [
      site.service.pin,
      site.service.chain,
      await site.service.keys.list(),
      await site.service.identities.list(),
    ];
    expect(after).toEqual(before);
    expect(site.service.subjectsSnapshot()).toEqual(snapshot);
    expect((await enrol(site, key, "hmi-3")).state).toBe("claimed");
  });

  it("refuses a registry of a later version, and one whose pepper or authority is gone", async () => {
    await using site = await openSite();
    await site.service.close();
    const file = join(site.dir, "registry.sqlite");
    const raw = new DatabaseSync(file);
    raw.exec("insert into schema_version values (99, 'from the future')");
    raw.close();
    const open = async (): Promise<unknown> => await openIdentity({ dir: site.dir, now: () => new Date() });
    await expect(open()).rejects.toMatchObject({ code: "ERR_STORE_NEWER_SCHEMA" });
    const back = new DatabaseSync(file);
    back.exec("delete from schema_version where version = 99");
    back.close();
    for (const [name, code] of [
      ["registry.pepper", "ERR_IDENTITY_DAMAGED"],
      ["ca", "ERR_AUTHORITY_DAMAGED"],
    ] as const) {
      renameSync(join(site.dir, name), join(site.dir, "elsewhere"));
      await expect(open()).rejects.toMatchObject({ code });
      expect(existsSync(join(site.dir, name))).toBe(false);
      renameSync(join(site.dir, "elsewhere"), join(site.dir, name));
    }
    await site.restart();
  });

  it("goes on with a first start that was broken off", async () => {
    for (const left of ["", "aGFsZg=="]) {
      const dir = mkdtempSync(join(tmpdir(), "modwarden-identity-"));
      writeFileSync(join(dir, "registry.pepper"), left);
      mkdirSync(join(dir, "ca.new"));
      const service = await openIdentity({ dir, now: () => new Date() });
      await service.close();
      expect(statSync(join(dir, "registry.pepper")).mode & 0o777).toBe(0o600);
      const pepper = readFileSync(join(dir, "registry.pepper"), "utf8");
      await (await openIdentity({ dir, now: () => new Date() })).close();
      expect(readFileSync(join(dir, "registry.pepper"), "utf8")).toBe(pepper);
      rmSync(dir, { recursive: true });
    }
  });

  it("leaves no secret of a key in its folder, and its files to their owner", async () => {
    await using site = await openSite();
    const { key, id } = await site.service.keys.create(operator);
    const manual = await site.service.keys.create({ ...operator, approval: "manual" });
    await refusalOf(enrol(site, wrongSecret(key), "x"));
    await enrol(site, key, "hmi-2");
    const pending = await enrol(site, manual.key, "hmi-3");
    const files = readdirSync(site.dir, { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(site.dir, name)).isFile(),
    );
    const held = Buffer.concat(files.map((name) => readFileSync(join(site.dir, name)))).toString("latin1");
    expect(held).toContain(id);
    expect(held).not.toContain(parseRegistrationKey(key).secret);
    expect(held).not.toContain(parseRegistrationKey(manual.key).secret);
    expect(held).not.toContain(pending.state === "pending" ? pending.claim : "");
    expect(JSON.stringify(site.events)).not.toContain(parseRegistrationKey(key).secret);
    expect(statSync(join(site.dir, "ca")).mode & 0o777).toBe(0o700);
    const secret = files.filter((name) => !name.endsWith(".pem"));
    expect(secret).toEqual(
      expect.arrayContaining(["registry.pepper", "registry.sqlite", "ca/root.key", "ca/issuing.key"]),
    );
    for (const name of secret) expect(statSync(join(site.dir, name)).mode & 0o777).toBe(0o600);
  });
});
