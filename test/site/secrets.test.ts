import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import {
  claimInto,
  createKeyIssuer,
  createRegistrationKey,
  createRequest,
  enrolInto,
  formatKey,
  formatKeyIssuer,
  type IdentityService,
  loadIdentity,
  renewInto,
  signOfflineKey,
} from "@modwarden/identity";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningSite } from "../../packages/server/src/site/running-site.ts";
import { createSiteFolder, type SiteFolder } from "../../packages/server/src/site/testing/site-folder.ts";
import { found, type Needle, needlesOfKey, needlesOfPrivateKey } from "./secrets.ts";

const viewer = { kind: "client", roles: ["Viewer"] } as const;
let folder: SiteFolder;
let site: RunningSite;
const needles: Needle[] = [];
/** Registration keys by their form. */
const keys = new Map<string, string>();

function issued(form: string, key: string): string {
  keys.set(form, key);
  needles.push(...needlesOfKey(`${form} key`, key));
  return key;
}

function held(dir: string): void {
  needles.push(...needlesOfPrivateKey(`private key of ${dir}`, loadIdentity(dir).key));
}

beforeAll(async () => {
  folder = await createSiteFolder();
  site = await folder.start();
}, 60_000);
afterAll(async () => {
  await site.stop().catch(() => undefined);
  await folder.remove();
});

async function enrol(name: string, form: string, more: { serial?: string } = {}): Promise<string> {
  const dir = join(folder.dir, "clients", name);
  const { pin } = site.identity;
  const url = site.urls.enrolment ?? "";
  await enrolInto(dir, { url, key: keys.get(form) ?? "", pin, name, timeoutMs: 15_000, ...more });
  return dir;
}

/** As curl does it: the signing request, the name and the key as HTTP Basic. */
async function enrolByEst(
  identity: IdentityService,
  name: string,
  key: string,
  privateKey: KeyObject,
): Promise<number> {
  const csr = (await createRequest(privateKey, name)).replaceAll(/-----[^-]+-----|\n/g, "");
  return await new Promise((resolve, reject) => {
    const sent = request(
      `${site.urls.enrolment}/.well-known/est/simpleenroll`,
      {
        ...{ method: "POST", ca: identity.root, auth: `${name}:${key}`, agent: false },
        headers: { "content-type": "application/pkcs10", "content-length": csr.length },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on("error", reject);
    sent.end(csr);
  });
}

it("no secret of a key and no private key of a client is anywhere in the data folder", async () => {
  const { identity } = site;
  issued("ordinary", (await identity.keys.create(viewer)).key);
  issued("unused", (await identity.keys.create({ ...viewer, uses: 2, approval: "manual" })).key);
  issued("revoked", (await identity.keys.create(viewer)).key);
  issued("approved", (await identity.keys.create({ ...viewer, approval: "manual" })).key);
  issued("EST", (await identity.keys.create(viewer)).key);
  await identity.keys.batches.create("factory", viewer);
  const [derived] = await identity.keys.batches.derive("factory", ["S-1"]);
  issued("derived", derived?.key ?? "");
  const issuer = createKeyIssuer("laptop");
  await identity.keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: ["Viewer"] });
  const signing = { now: new Date(), random: randomBytes };
  issued("offline", signOfflineKey(issuer, { ...viewer, pin: identity.pin }, signing).key);
  issued("imported", formatKey(createRegistrationKey(randomBytes)));
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  needles.push(...needlesOfPrivateKey("a device's own key", own.export({ type: "pkcs8", format: "pem" }).toString()));
  const publicKey = createHash("sha256")
    .update(createPublicKey(own).export({ type: "spki", format: "der" }))
    .digest("hex");
  await identity.keys.import(
    [
      { line: 1, key: keys.get("imported") ?? "" },
      { line: 2, publicKey },
    ],
    viewer,
  );

  for (const [name, form] of [
    ["plain", "ordinary"],
    ["signed", "offline"],
    ["brought", "imported"],
  ] as const) {
    const dir = await enrol(name, form);
    held(dir);
    // The renewed key is another secret, and so is the one that it replaced.
    await renewInto(dir, { when: "now", timeoutMs: 15_000 });
    held(dir);
  }
  held(await enrol("built", "derived", { serial: "S-1" }));
  const panel = await enrol("panel", "approved");
  needles.push({ of: "claim", bytes: Buffer.from(readFileSync(join(panel, "claim"), "utf8").trim()) });
  await site.command("identity.approve", { id: "panel" });
  await claimInto(panel, 15_000);
  held(panel);
  const standard = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  needles.push(
    ...needlesOfPrivateKey(
      "private key of an EST client",
      standard.export({ type: "pkcs8", format: "pem" }).toString(),
    ),
  );
  expect(await enrolByEst(identity, "standard", keys.get("EST") ?? "", standard)).toBe(200);
  // What is refused is written down as well: a key that was used up, and one with a name that cannot be.
  await expect(enrol("again", "ordinary")).rejects.toMatchObject({ code: "ERR_ENROLMENT_REFUSED" });
  await expect(enrol("plain", "unused")).rejects.toMatchObject({ code: "ERR_IDENTITY_EXISTS" });
  await identity.keys.reportLeak({ key: keys.get("revoked") ?? "", source: "127.0.0.1" });

  // While the site runs, its write-ahead log is there; after the stop what was in it is in the table.
  expect(found(folder.data, needles)).toEqual([]);
  const running = readdirSync(folder.data, { recursive: true }).map(String);
  expect(running).toContain("registry.sqlite");
  expect(running.filter((name) => name.endsWith("-wal") || name.endsWith(".jsonl")).length).toBeGreaterThan(1);
  await site.stop();
  expect(found(folder.data, needles)).toEqual([]);
  expect(needles.length).toBeGreaterThan(150);
}, 120_000);

it("would find each of them, in a file of any kind", () => {
  const dir = join(folder.dir, "planted");
  mkdirSync(dir);
  for (const { of, bytes } of needles) {
    writeFileSync(join(dir, "any.bin"), Buffer.concat([Buffer.from([0xff, 0x00]), bytes, Buffer.from("tail")]));
    expect(found(dir, needles)).toContain(`any.bin: ${of}`);
  }
  // The id of a key is public: it stands in the data folder, and is found where it is looked for.
  const id = (keys.get("ordinary") ?? "").slice(5, 13);
  expect(found(folder.data, [{ of: "id", bytes: Buffer.from(id) }])).not.toEqual([]);
});
