import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { roleOf } from "@modwarden/modbus";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprintOf, isPin, spkiPin } from "../certificate/fingerprint.ts";
import type { IdentityKind } from "../certificate/issue.ts";
import { splitPem } from "../certificate/pem.ts";
import { type Authority, type IssuedCertificate, openAuthority } from "./authority.ts";
import { keyPem, newKey } from "./key-file.ts";

const NOW = new Date();
const first = { mayMake: true, now: NOW, random: randomBytes } as const;
const DAY = 24 * 3_600_000;
const openssl = spawnSync("openssl", ["version"]).status === 0;

let folder: string;
let ca: string;
let authority: Authority;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-ca-"));
  ca = join(folder, "ca");
  authority = await openAuthority(ca, first);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Holder extends IssuedCertificate {
  readonly key: string;
}

async function issue(
  kind: IdentityKind,
  names: readonly string[],
  role: string | null,
  from = authority,
): Promise<Holder> {
  const key: KeyObject = newKey();
  const publicKey = createPublicKey(key);
  const leaf = await from.issue({ id: `${kind}-1`, kind, role, names, publicKey, now: NOW, lifetimeMs: 90 * DAY });
  return { ...leaf, key: keyPem(key) };
}

describe("openAuthority", () => {
  it("makes root and issuing once and finds them again", async () => {
    const again = await openAuthority(ca, { ...first, now: new Date(NOW.getTime() + 365 * DAY) });
    expect([again.pin, again.root, again.chain]).toEqual([authority.pin, authority.root, authority.chain]);
    expect(readdirSync(ca).sort()).toEqual(["issuing.key", "issuing.pem", "root.key", "root.pem"]);
    expect(statSync(ca).mode & 0o777).toBe(0o700);
    for (const name of ["root.key", "issuing.key"]) expect(statSync(join(ca, name)).mode & 0o777).toBe(0o600);
    expect(isPin(authority.pin)).toBe(true);
    expect(spkiPin(new X509Certificate(authority.root).raw)).toBe(authority.pin);
  });

  it("is made only on the first start", async () => {
    const elsewhere = openAuthority(join(folder, "missing"), { ...first, mayMake: false });
    await expect(elsewhere).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
    expect(existsSync(join(folder, "missing"))).toBe(false);
  });

  it("goes on when the root's key was moved away, and not without the issuing key", async () => {
    renameSync(join(ca, "root.key"), join(folder, "safe.key"));
    await expect(openAuthority(ca, first)).resolves.toMatchObject({ pin: authority.pin });
    rmSync(join(ca, "issuing.key"));
    await expect(openAuthority(ca, first)).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
  });

  it("refuses files that do not belong together", async () => {
    writeFileSync(join(ca, "issuing.key"), keyPem(newKey()));
    await expect(openAuthority(ca, first)).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
    const other = join(folder, "other");
    await openAuthority(other, first);
    for (const name of ["issuing.key", "issuing.pem"]) renameSync(join(other, name), join(ca, name));
    await expect(openAuthority(ca, first)).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
    writeFileSync(join(ca, "root.pem"), "nothing");
    await expect(openAuthority(ca, first)).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
  });
});

describe("a certificate", () => {
  it("of a client is for clients, of a server for servers under its names", async () => {
    const client = new X509Certificate((await issue("client", [], "Operator")).chain);
    expect(client.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(client.subjectAltName).toBe("URI:urn:modwarden:client:client-1");
    const server = new X509Certificate((await issue("gateway", ["gw1.plant.example", "10.0.0.1", "::1"], null)).chain);
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(server.checkHost("gw1.plant.example")).toBe("gw1.plant.example");
    expect(server.checkIP("10.0.0.1")).toBe("10.0.0.1");
    expect(server.checkIP("::1")).toBe("::1");
    expect(server.checkHost("gw2.plant.example")).toBeUndefined();
    const silent = new X509Certificate((await issue("device", [], null)).chain);
    expect(silent.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("never lets an id pass for a host name", async () => {
    const leaf = new X509Certificate((await issue("device", ["10.0.0.9"], null)).chain);
    expect(leaf.subject).toBe("CN=device-1");
    expect(leaf.checkHost("device-1")).toBeUndefined();
  });

  it("has a long positive serial number of its own, and does not outlive its issuer", async () => {
    const leaves = await Promise.all(Array.from({ length: 20 }, () => issue("client", [], null)));
    const numbers = leaves.map((leaf) => leaf.serialNumber);
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9a-f]{39}$/);
    const publicKey = createPublicKey(newKey());
    const issuing = new X509Certificate(splitPem(authority.chain)[0] ?? "");
    const long = {
      id: "x",
      kind: "client",
      role: null,
      names: [],
      publicKey,
      now: NOW,
      lifetimeMs: 9999 * DAY,
    } as const;
    expect((await authority.issue(long)).expires.getTime()).toBe(issuing.validToDate.getTime());
  });

  it("is not issued at a time at which it would never hold", async () => {
    const publicKey = createPublicKey(newKey());
    const asked = { id: "x", kind: "client", role: null, names: [], publicKey, lifetimeMs: 90 * DAY } as const;
    for (const days of [-365, 11 * 365]) {
      const now = new Date(NOW.getTime() + days * DAY);
      await expect(authority.issue({ ...asked, now })).rejects.toMatchObject({ code: "ERR_AUTHORITY_TIME" });
    }
  });

  it("is for the device's own key, of every kind that a device may have", async () => {
    const keys = [
      generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
      generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
    ];
    for (const publicKey of keys) {
      const asked = { id: "plc-1", kind: "device", role: null, names: ["plc-1.plant.example"], publicKey } as const;
      const issued = new X509Certificate((await authority.issue({ ...asked, now: NOW, lifetimeMs: 90 * DAY })).chain);
      expect(issued.publicKey.equals(publicKey)).toBe(true);
      expect(issued.verify(new X509Certificate(authority.chain).publicKey)).toBe(true);
    }
  });

  it("is written as node reads it: version, serial number, times, names", async () => {
    const issued = await issue("gateway", ["gw1.plant.example", "10.0.0.1"], null);
    const leaf = new X509Certificate(issued.chain);
    expect(leaf.serialNumber.toLowerCase()).toBe(issued.serialNumber);
    expect(leaf.validToDate.getTime()).toBe(issued.expires.getTime());
    expect(issued.expires.getTime()).toBe(Math.floor((NOW.getTime() + 90 * DAY) / 1000) * 1000);
    expect(leaf.subjectAltName).toBe("URI:urn:modwarden:gateway:gateway-1, DNS:gw1.plant.example, IP Address:10.0.0.1");
    expect(fingerprintOf(leaf.raw)).toBe(issued.fingerprint);
  });

  it("carries roles of every length that a role can have", async () => {
    for (const role of ["x", "x".repeat(64), "ü".repeat(64), "😀".repeat(64), "€".repeat(43)]) {
      expect(roleOf(new X509Certificate((await issue("client", [], role)).chain).raw)).toEqual({ role });
    }
  });

  it.skipIf(!openssl)("holds before openssl (skipped without it: apt install openssl)", async () => {
    writeFileSync(join(folder, "root.pem"), authority.root);
    writeFileSync(join(folder, "chain.pem"), authority.chain);
    for (const [kind, names, purpose] of [
      ["client", [], "sslclient"],
      ["gateway", ["gw1.plant.example"], "sslserver"],
    ] as const) {
      const leaf = join(folder, `${kind}.pem`);
      writeFileSync(leaf, (await issue(kind, names, "Operator")).chain);
      const trust = ["-CAfile", join(folder, "root.pem"), "-untrusted", join(folder, "chain.pem")];
      const verified = execFileSync("openssl", ["verify", "-x509_strict", "-purpose", purpose, ...trust, leaf]);
      expect(verified.toString()).toContain("OK");
      const text = execFileSync("openssl", ["x509", "-in", leaf, "-noout", "-text"]).toString();
      for (const part of [
        "Version: 3",
        "ecdsa-with-SHA256",
        "Subject Key Identifier",
        "Authority Key Identifier",
        "CA:FALSE",
        "Digital Signature",
        "1.3.6.1.4.1.50316.802.1:",
        "..Operator",
      ]) {
        expect(text).toContain(part);
      }
    }
  });
});

describe("a mutual TLS handshake", () => {
  /** What the server learns of a client that shows `client`; undefined when either side refuses. */
  async function handshake(
    server: Holder,
    client: Holder | undefined,
    trusted = authority.root,
  ): Promise<Uint8Array | undefined> {
    const listener = createServer({
      key: server.key,
      cert: server.chain,
      ca: authority.root,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    try {
      return await new Promise((resolve) => {
        listener.on("secureConnection", (socket: TLSSocket) => {
          socket.on("error", () => resolve(undefined));
          socket.once("data", () => resolve(socket.getPeerX509Certificate()?.raw));
        });
        listener.on("tlsClientError", () => resolve(undefined));
        const identity = client === undefined ? {} : { key: client.key, cert: client.chain };
        const socket = connect({ port, host: "127.0.0.1", ca: trusted, ...identity }, () => socket.write("hello"));
        socket.on("error", () => resolve(undefined));
        socket.on("close", () => resolve(undefined));
      });
    } finally {
      listener.close();
    }
  }

  it("tells the gateway who the client is, and refuses strangers in both directions", async () => {
    const server = await issue("gateway", ["127.0.0.1"], null);
    const client = await issue("client", [], "Operator");
    const seen = await handshake(server, client);
    expect(fingerprintOf(seen ?? new Uint8Array())).toBe(client.fingerprint);
    expect(roleOf(seen ?? new Uint8Array())).toEqual({ role: "Operator" });

    const other = await openAuthority(join(folder, "other"), first);
    const stranger = await issue("client", [], "Operator", other);
    expect(await handshake(server, stranger)).toBeUndefined();
    expect(await handshake(server, undefined)).toBeUndefined();
    expect(await handshake(server, client, other.root)).toBeUndefined();
    expect(await handshake(server, await issue("gateway", ["127.0.0.1"], null))).toBeUndefined();
    expect(await handshake(await issue("client", [], null), client)).toBeUndefined();
    expect(await handshake(await issue("gateway", ["127.0.0.2"], null), client)).toBeUndefined();
  });
});
