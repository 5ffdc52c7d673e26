import { spawnSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { der } from "@modwarden/modbus";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countEntries, readList, writeEntries, writeList } from "../certificate/crl.ts";
import { pemOf, splitPem } from "../certificate/pem.ts";
import { issuerOf } from "../certificate/write.ts";
import { createRequest } from "../client/csr.ts";
import { enrol, enrolled, operator } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { ListStatus } from "../types.ts";
import { keyPem, newKey, readKeyFile } from "./key-file.ts";
import { keySigner } from "./signer.ts";

const DAY = 24 * 3_600_000;
const openssl = spawnSync("openssl", ["version"]).status === 0;
const IMPORT: unknown = expect.objectContaining({ code: "ERR_AUTHORITY_IMPORT" });

let site: TestSite;
let ca: string;
beforeEach(async () => {
  site = await openSite();
  ca = join(site.dir, "ca");
});
afterEach(() => site[Symbol.asyncDispose]());

function issuing(): ReturnType<typeof readList> {
  const list = site.service.authority.list("issuing");
  return readList(list?.der ?? new Uint8Array());
}

const of = (role: string): ListStatus | undefined =>
  site.service.authority.show().lists.find((list) => list.role === role);

/** A root's list as somebody signs it who has its key elsewhere. */
async function rootList(
  times: { from?: number; until: number; number?: bigint },
  key = join(ca, "root.key"),
): Promise<string> {
  const signer = keySigner(readKeyFile(key, undefined)!);
  const { from = site.clock, until, number = 2n ** 40n } = times;
  const content = { thisUpdate: new Date(from), nextUpdate: new Date(until), number, entries: writeEntries([]) };
  const root = new X509Certificate(site.service.root);
  return pemOf("X509 CRL", await writeList(content, issuerOf(root.raw, signer)));
}

describe("the revocation lists", () => {
  it("are there from the first start: one for the root, one for what issues", () => {
    expect(site.service.authority.lists()).toHaveLength(2);
    expect(site.service.authority.show().lists).toMatchObject([
      { role: "issuing", own: true, state: "good", entries: 0 },
      { role: "root", own: true, state: "good", entries: 0 },
    ]);
    expect(readdirSync(join(ca, "crl"))).toHaveLength(2);
  });

  it("name what was revoked, and why, as soon as it is", async () => {
    const { chain } = await enrolled(site, "hmi-1");
    await enrolled(site, "hmi-2");
    const before = issuing().number;
    const changed = new Promise<void>((resolve) => site.service.authority.onLists(resolve));
    site.clock += 1000;
    await site.service.identities.revoke("hmi-1");
    await changed;
    expect(countEntries(issuing().entries)).toBe(1);
    expect(issuing().number).toBeGreaterThan(before);
    const serial = new X509Certificate(splitPem(chain)[0] ?? "").serialNumber.toLowerCase();
    expect(Buffer.from(issuing().entries).toString("hex")).toContain(serial);
    await site.service.identities.retire("hmi-2");
    await site.service.authority.maintain();
    // RFC 5280 § 5.3.1: cessationOfOperation, where a person retired it; nothing is said of what was simply revoked.
    expect(Buffer.from(issuing().entries).toString("hex")).toContain("0603551d1504030a0105");
  });

  it("keep what was superseded or never confirmed until it would have ended by itself", async () => {
    const first = await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["127.0.0.1"] });
    await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["127.0.0.1"] });
    const { key } = await site.service.keys.create(operator);
    await enrol(site, key, "hmi-1");
    site.clock += 11 * 60_000;
    await site.service.expireUnconfirmed();
    await site.service.authority.maintain();
    expect(countEntries(issuing().entries)).toBe(2);
    site.clock = Date.parse(first.expires) + 20 * 60_000;
    await site.service.authority.maintain();
    expect(countEntries(issuing().entries)).toBe(0);
  });

  it("are signed again as they age, and only then; the number rises whatever happens to the files", async () => {
    const numbers: bigint[] = [issuing().number];
    const root = readList(site.service.authority.list("root")!.der).number;
    await site.restart();
    expect(issuing().number).toBe(numbers[0]);
    site.clock += 25 * 3_600_000;
    await site.service.authority.maintain();
    numbers.push(issuing().number);
    rmSync(join(ca, "crl"), { recursive: true });
    site.clock += 1000;
    await site.restart();
    numbers.push(issuing().number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => (one < other ? -1 : 1)));
    expect(readList(site.service.authority.list("root")!.der).number).toBeGreaterThan(root);
    site.clock += 400 * DAY;
    await site.service.authority.maintain();
    expect(Date.parse(of("root")?.nextUpdate ?? "")).toBeGreaterThan(site.clock + 700 * DAY);
  });

  it("are signed again when they were signed under a clock that was ahead: TLS takes none of the future", async () => {
    const right = site.clock;
    for (const ahead of [2 * 3_600_000, 200 * DAY]) {
      site.clock = right + ahead;
      rmSync(join(ca, "crl"), { recursive: true });
      await site.restart();
      site.clock = right;
      await site.service.authority.maintain();
      for (const one of ["issuing", "root"] as const) {
        const { thisUpdate } = readList(site.service.authority.list(one)!.der);
        expect(thisUpdate.getTime()).toBeLessThanOrEqual(right);
      }
    }
  });

  it("are none at all where the root's is missing: TLS would let nobody in; the warning is loud", async () => {
    // A data folder from before there were lists, whose root key was moved away.
    await site.service.close();
    renameSync(join(ca, "root.key"), join(site.dir, "safe.key"));
    rmSync(join(ca, "crl"), { recursive: true });
    await site.restart();
    expect(site.service.authority.lists()).toEqual([]);
    expect(of("root")).toMatchObject({ own: false, state: "missing" });
    expect(site.service.authority.show().warnings.join()).toContain("modwarden authority crl");
    site.service.authority.acceptLists(await rootList({ until: site.clock + 700 * DAY }, join(site.dir, "safe.key")));
    expect(site.service.authority.lists()).toHaveLength(2);
    await site.restart();
    expect(site.service.authority.lists()).toHaveLength(2);
  });

  it("stay when they have ended: no list is never an answer to an old one", async () => {
    renameSync(join(ca, "root.key"), join(site.dir, "safe.key"));
    await site.restart();
    site.clock += 732 * DAY;
    await site.service.authority.maintain();
    expect(of("root")?.state).toBe("expired");
    expect(site.service.authority.lists()).toHaveLength(2);
  });

  it("are taken from elsewhere only when they are this chain's, hold, and are not older", async () => {
    const good = await rootList({ until: site.clock + DAY });
    const key = join(site.dir, "other.key");
    writeFileSync(key, keyPem(newKey()), { mode: 0o600 });
    const other = await openSite();
    const bad = [
      ...["", "nothing", site.service.root, good.replace(/[A-Za-z]{4}\n/, "AAAA\n")],
      await rootList({ until: site.clock + DAY }, key),
      await rootList({ from: site.clock - 2 * DAY, until: site.clock - DAY }),
      await rootList({ from: site.clock + DAY, until: site.clock + 2 * DAY }),
      await rootList({ from: site.clock - DAY, until: site.clock + DAY, number: 1n }),
      other.service.authority.list("root")?.pem ?? "",
    ];
    for (const text of bad) expect(() => site.service.authority.acceptLists(text)).toThrow(IMPORT as Error);
    await other[Symbol.asyncDispose]();
    site.service.authority.acceptLists(good);
    expect(of("root")?.number).toBe((2n ** 40n).toString());
  });

  it.skipIf(!openssl)("are what openssl judges by (skipped without it: apt install openssl)", async () => {
    const write = (name: string, text: string): string => {
      writeFileSync(join(site.dir, name), text);
      return join(site.dir, name);
    };
    const leaf = write("leaf.pem", (await enrolled(site, "hmi-1")).chain);
    const verify = (): string => {
      const lists = write("lists.pem", site.service.authority.lists().join(""));
      const trust = [
        "-CAfile",
        write("root.pem", site.service.root),
        "-untrusted",
        write("chain.pem", site.service.chain),
      ];
      const run = spawnSync("openssl", ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", lists, ...trust, leaf]);
      return run.stdout.toString() + run.stderr.toString();
    };
    expect(verify()).toContain("OK");
    await site.service.identities.revoke("hmi-1");
    await site.service.authority.maintain();
    expect(verify()).toContain("certificate revoked");
    const text = spawnSync("openssl", ["crl", "-noout", "-text", "-in", join(site.dir, "lists.pem")]).stdout.toString();
    for (const part of ["Version 2", "ecdsa-with-SHA256", "X509v3 CRL Number", "X509v3 Authority Key Identifier"]) {
      expect(text).toContain(part);
    }
  });
});

describe("a TLS server with the lists", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "lets in who holds a good certificate and nobody who was revoked (%s)",
    async (version) => {
      const gateway = await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["127.0.0.1"] });
      const { authority, root } = site.service;
      const revoked = await site.service.issueServerCertificate({ id: "gw2", kind: "gateway", names: ["127.0.0.2"] });
      await site.service.identities.revoke("gw2");
      await authority.maintain();
      const good = await enrolledWithKey("hmi-1");
      const reasons: unknown[] = [];
      const server = createServer({
        ...{ key: gateway.key, cert: gateway.chain, ca: root, crl: [...authority.lists()] },
        ...{ requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version },
      });
      server.on("secureConnection", (socket) => {
        reasons.push("in");
        socket.end();
      });
      server.on("tlsClientError", (_, socket) => reasons.push(String(socket.authorizationError)));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      for (const { key: held, chain } of [good, revoked]) {
        const socket = connect({ port, host: "127.0.0.1", ca: root, key: held, cert: chain });
        socket.on("error", () => undefined).resume();
        await new Promise<void>((resolve) => socket.once("close", () => resolve()));
      }
      server.close();
      expect(reasons).toEqual(["in", "CERT_REVOKED"]);
    },
  );
});

/** An identity whose key the test holds. */
async function enrolledWithKey(name: string): Promise<{ key: string; chain: string }> {
  const own = newKey();
  const { key } = await site.service.keys.create(operator);
  const csr = await createRequest(own, name);
  const result = await site.service.enrol({ key, csr, name, source: "10.0.0.5" });
  if (result.state !== "claimed") throw new Error("expected a certificate");
  await site.service.confirm(result.fingerprint);
  return { key: keyPem(own), chain: result.chain };
}

describe("readList", () => {
  it("takes version 1, as `openssl ca -gencrl` makes it: no version, no number, no entries here", () => {
    const list = Buffer.from(
      [
        "MIGaMEMwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMQ29tcGFueSBSb290Fw0yNjExMjExOTIzNTFaFw0yNzExMjExOTIzNTFaMAoG",
        "CCqGSM49BAMCA0cAMEQCIArsq7ReaT1qjk2jpnxrm/dCVcBsy8Thh7K0xHpU8XA4AiB0AHr9bh+CRZu4d4/jmHjNsCa2KR3DQZfY",
        "aRwMqQOORg==",
      ].join(""),
      "base64",
    );
    const spki = Buffer.from(
      [
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/m931SY37hIz595TtbgbsqX7NCI0aNz8zLF7ZdnXgw9tnG6T1ip9LZ5Vc921ZHU0",
        "kfGMPOp9Guq1Lzln+OqzFg==",
      ].join(""),
      "base64",
    );
    const read = readList(list);
    expect(read.verify(createPublicKey({ key: spki, format: "der", type: "spki" }))).toBe(true);
    expect(read).toMatchObject({ number: 0n });
    expect(read.nextUpdate).toEqual(new Date("2027-11-21T19:23:51Z"));
    expect(countEntries(read.entries)).toBe(0);
  });

  it("reads what was written and nothing that was changed", () => {
    const list = site.service.authority.list("issuing")!.der;
    const key = new X509Certificate(site.service.chain).publicKey;
    expect(readList(list).verify(key)).toBe(true);
    for (let length = 0; length < list.length; length += 1) {
      expect(() => readList(list.subarray(0, length))).toThrow(der.DerError);
    }
    fc.assert(
      fc.property(fc.nat(list.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(list);
        changed[at] = (changed[at] ?? 0) ^ flip;
        try {
          expect(readList(changed).verify(key)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(der.DerError);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("reads lists of thousands", async () => {
    const entries = writeEntries(
      Array.from({ length: 5000 }, (_, at) => ({
        serialNumber: (at + 2 ** 40).toString(16).padStart(12, "0"),
        at: new Date(site.clock),
        reason: 4,
      })),
    );
    expect(countEntries(entries)).toBe(5000);
    const signer = keySigner(readKeyFile(join(ca, "issuing.key"), undefined)!);
    const content = { thisUpdate: new Date(site.clock), nextUpdate: new Date(site.clock + DAY), number: 3n, entries };
    const list = await writeList(content, issuerOf(new X509Certificate(site.service.chain).raw, signer));
    expect(readList(list).number).toBe(3n);
    expect(countEntries(readList(list).entries)).toBe(5000);
  });
});

describe("warnings of what ends", () => {
  it("come 30, 7 and 1 days before, each once, over restarts", async () => {
    const start = site.clock;
    await enrolled(site, "hmi-1");
    const days = (): unknown[] =>
      site.events
        .filter((event) => event.event === "expires-soon" && event.id === "hmi-1")
        .map((event) => event.detail?.["days"]);
    for (const on of [59, 61, 61.5, 83.5, 83.6, 89.5, 91]) {
      site.clock = start + on * DAY;
      await site.service.authority.maintain();
      await site.restart();
      await site.service.authority.maintain();
    }
    expect(days()).toEqual([30, 7, 1]);
  });

  it("tell of the root's list where somebody else has to sign it", async () => {
    renameSync(join(ca, "root.key"), join(site.dir, "safe.key"));
    await site.restart();
    const told: string[][] = [];
    for (const left of [200, 179, 89, 29, 6, 0.5, -1]) {
      site.clock = Date.parse(of("root")?.nextUpdate ?? "") - left * DAY;
      told.push([...(await site.service.authority.maintain())].filter((text) => text.includes("revocation list")));
    }
    expect(told.map((texts) => texts.length)).toEqual([0, 1, 1, 1, 1, 1, 1]);
    expect(
      site.events.filter((event) => event.reason === "revocation-list").map((event) => event.detail?.["days"]),
    ).toEqual([...[180, 90, 30, 7, 1, 0]]);
    expect(site.service.authority.show().warnings.join()).toContain("has ended");
  });
});
