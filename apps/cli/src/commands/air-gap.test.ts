import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequest, type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

/** A site folder whose site does not run: commands take its lock. */
async function stoppedSite(): Promise<{ readonly dir: string; readonly site: readonly string[] }> {
  const dir = temporaryFolder();
  expect((await runHere(["init", dir])).code).toBe(0);
  return { dir, site: ["--site", join(dir, "site.yaml"), "--json"] };
}

describe("an enrolment across an air gap", () => {
  it("goes through four commands, and everything that was said of the device is shown", async () => {
    const { dir, site } = await stoppedSite();
    const created = await runHere(["key", "create", "--kind", "device", ...site]);
    const [{ key, pin }] = created.json as [{ key: string; pin: string }];
    const at = (name: string): string => join(dir, name);
    writeFileSync(
      at("device.yaml"),
      "firmware: '2.1'\ncapabilities: { functions: [3, 43/14], tables: [holding], objects: { VendorName: ACME } }\n",
    );
    const asked = [
      ...["--key", "-", "--name", "pump-7", "--pin", pin, "--out", at("pump-7"), "--file", at("request")],
      ...["--device", at("device.yaml"), "--unit", "auto", "--serial", "S7", "--model", "P7"],
    ];
    expect(await runHere(["enrol", "request", ...asked], { input: key })).toMatchObject({ code: 0 });
    const signed = await runHere(["enrol", "sign", at("request"), "--out", at("bundle"), ...site]);
    expect(signed).toMatchObject({ code: 0, json: [{ id: "pump-7", state: "claimed" }] });
    const accepted = await runHere([
      "enrol",
      "accept",
      at("bundle"),
      "--out",
      at("pump-7"),
      "--file",
      at("yes"),
      "--json",
    ]);
    expect(accepted).toMatchObject({ code: 0, json: [{ id: "pump-7", state: "claimed" }] });
    expect(readdirSync(at("pump-7"))).toContain("bundle.json");
    expect(await runHere(["enrol", "confirm", at("yes"), ...site])).toMatchObject({
      code: 0,
      json: [{ state: "active" }],
    });
    const shown = await runHere(["identity", "show", "pump-7", ...site.slice(0, 2)]);
    expect(shown.stdout).toMatch(/pump-7: active/);
    for (const part of ["S7", "P7", "2.1", "3 43/14", "holding", "VendorName", "air-gap", "claimed", "confirmed"]) {
      expect(shown.stdout).toContain(part);
    }
    const history = await runHere(["identity", "history", "pump-7", ...site]);
    expect(history.json).toMatchObject([[{ event: "claimed" }, { event: "confirmed", source: "air-gap" }]]);
  });
});

/** An endpoint where engineers approve, and one of them enrolled. */
async function endpoint(): Promise<{
  readonly service: IdentityService;
  readonly url: string;
  readonly folder: string;
}> {
  const folder = temporaryFolder();
  const service = await openIdentity({
    dir: join(folder, "site"),
    now: () => new Date(),
    site: {
      ...{ site: "test", gateway: "gw1", policy: () => ({ version: 1, hash: "" }), url: () => undefined },
      ...{ reach: () => [], approvers: ["Engineer"], installers: ["Engineer"] },
    },
  });
  const server = await startEnrolmentServer({
    service,
    listen: "https://127.0.0.1:0",
    names: [],
    now: () => new Date(),
  });
  onTestFinished(async () => {
    await server.close();
    await service.close();
  });
  return { service, url: server.url, folder };
}

/** A person comes by a key alone: otherwise nobody could be the first installer. */
async function engineer(service: IdentityService, folder: string, url: string, name: string): Promise<string> {
  const { key, pin } = await service.keys.create({ kind: "client", roles: ["Engineer"] });
  const dir = join(folder, name);
  const enrolled = await runHere(["enrol", url, "--key", "-", "--name", name, "--pin", pin, "--out", dir], {
    input: key,
  });
  expect(enrolled.code).toBe(0);
  return dir;
}

describe("an installer and two who approve", () => {
  it("enrol a device, each by an identity of their own", async () => {
    const { service, url, folder } = await endpoint();
    const [ada, ben, cem] = [
      await engineer(service, folder, url, "ada"),
      await engineer(service, folder, url, "ben"),
      await engineer(service, folder, url, "cem"),
    ];
    const { key, pin } = await service.keys.create({ kind: "device", roles: [], approval: "two" });
    const device = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    writeFileSync(join(folder, "pump.csr"), await createRequest(device, "pump"));
    const enrol = (more: readonly string[]): ReturnType<typeof runHere> =>
      runHere(
        [
          ...["enrol", url, "--for", "pump", "--key", "-", "--pin", pin, "--csr", join(folder, "pump.csr")],
          ...["--out", join(folder, "pump.bundle"), "--json", ...more],
        ],
        { input: key },
      );
    expect(await enrol([])).toMatchObject({ code: 5, json: [{ error: { code: "ERR_ENROLMENT_INSTALLER" } }] });
    expect(await enrol(["--identity", ada])).toMatchObject({ code: 0, json: [{ id: "pump", state: "pending" }] });
    const approve = (dir: string): ReturnType<typeof runHere> =>
      runHere(["identity", "approve", "pump", "--identity", dir, "--json"]);
    expect(await approve(ada)).toMatchObject({ json: [{ error: { code: "ERR_IDENTITY_APPROVAL" } }] });
    expect(await approve(ben)).toMatchObject({ code: 0, json: [{ state: "pending" }] });
    expect(await approve(ben)).toMatchObject({ json: [{ error: { code: "ERR_IDENTITY_APPROVAL" } }] });
    expect(await approve(cem)).toMatchObject({ code: 0, json: [{ state: "approved" }] });
    expect(await enrol(["--identity", ada])).toMatchObject({ code: 0, json: [{ id: "pump", state: "claimed" }] });
    mkdirSync(join(folder, "pump"));
    writeFileSync(join(folder, "pump", "key.pem"), device.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const accept = [
      "enrol",
      "accept",
      join(folder, "pump.bundle"),
      "--out",
      join(folder, "pump"),
      "--pin",
      pin,
      "--json",
    ];
    const [{ confirmation }] = (await runHere(accept)).json as [{ confirmation: string }];
    expect((await service.confirmCarried(confirmation)).state).toBe("active");
    expect(await service.identities.show("pump")).toMatchObject({
      ...{ installer: "ada", method: "installer", approvals: [{ by: "ben" }, { by: "cem" }] },
    });
  });
});
