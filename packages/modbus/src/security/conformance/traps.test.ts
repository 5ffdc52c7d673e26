import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { connect } from "../../client/connect.ts";
import { createTestAuthority } from "../../testing/certificates.ts";
import { tlv, utf8String } from "../../testing/der-writer.ts";
import {
  answered,
  ca,
  clientIdentity,
  clientTls,
  issuing,
  pair,
  root,
  serve,
  serverIdentity,
  serverTls,
  speak,
  versions,
} from "../../testing/secure.ts";

/** What Node's TLS does that a secure Modbus must not leave as it is. */
const asRefused = expect.objectContaining({ code: "ERR_MODBUS_REFUSED" });

describe("traps", () => {
  test.each(versions)(
    "T1 who resumes a session is looked at again, whoever keeps the revocations (%s)",
    async (version) => {
      const revoked: Uint8Array[] = [];
      const isRevoked = (certificate: Uint8Array): boolean =>
        revoked.some((one) => Buffer.from(one).equals(certificate));
      const client = clientIdentity();
      const only = { ...pair(client), minVersion: version, maxVersion: version };
      const { url, server, dropped } = await serve({ ...serverTls, isRevoked });
      const { session } = await speak(url, only);
      revoked.push(client.leaf);
      const resumed = await speak(url, { ...only, session: session! });
      expect(resumed).toMatchObject({ reused: true, reply: undefined });
      expect(dropped).toMatchObject([{ reason: "tls" }]);
      // With a list instead of a function: the new context has new ticket keys, so that nobody resumes.
      const crl = [issuing.crl([client]), root.crl()];
      revoked.pop();
      server.setTls({ ...serverTls, crl });
      expect(await speak(url, { ...only, session: session! })).toMatchObject({ reply: undefined, reused: false });
      expect(String(dropped.at(-1)?.cause?.message)).toContain("CERT_REVOKED");
    },
  );

  test("T1 when nobody can say whether a certificate is revoked, it is", async () => {
    const isRevoked = (): boolean => {
      throw new Error("the registry is away");
    };
    const { url, dropped } = await serve({ ...serverTls, isRevoked });
    expect((await speak(url, pair(clientIdentity()))).reply).toBeUndefined();
    expect(dropped).toMatchObject([{ reason: "tls", cause: { cause: { message: "the registry is away" } } }]);
  });

  test("T1 who resumes a session with a certificate that has ended meanwhile is refused, by either side", async () => {
    const soon = new Date(Date.now() + 3_600_000);
    const short = pair(clientIdentity({ notAfter: soon }));
    const { url, dropped } = await serve({ ...pair(serverIdentity({ notAfter: soon })), ca });
    const { session } = await speak(url, short);
    const tls = { ...clientTls };
    await using client = await connect(url, { tls });
    await client.readCoils(0, 1);
    vi.useFakeTimers({ toFake: ["Date"], now: soon.getTime() + 1000 });
    try {
      expect(await speak(url, { ...short, session: session! })).toMatchObject({ reused: true, reply: undefined });
      expect(dropped).toMatchObject([{ reason: "tls", cause: { message: expect.stringContaining("EXPIRED") } }]);
      await expect(connect(url, { tls })).rejects.toEqual(asRefused);
    } finally {
      vi.useRealTimers();
    }
  });

  test("T2 a revocation ends the connections that are open", async () => {
    const { url, server, dropped } = await serve();
    const mine = clientIdentity();
    await using first = await connect(url, { tls: { ...pair(mine), ca } });
    await using second = await connect(url, { tls: { ...pair(mine), ca } });
    await using other = await connect(url, { tls: clientTls });
    for (const client of [first, second, other]) await client.readCoils(0, 1);
    expect(server.closeConnectionsOf(new X509Certificate(mine.leaf).fingerprint256)).toBe(2);
    await Promise.all([first.closed, second.closed]);
    expect(await other.readCoils(0, 1)).toEqual([false]);
    expect(dropped.map(({ reason }) => reason)).toEqual(["revoked", "revoked"]);
    expect(server.closeConnectionsOf("00".repeat(32))).toBe(0);
  });

  test.each(versions)(
    "T3 the server knows why it refused a certificate, though TLS tells no one (%s)",
    async (version) => {
      const only = { minVersion: version, maxVersion: version };
      const expired = issuing.issue({ name: "expired", notAfter: new Date("2021-01-01T00:00:00Z") });
      const revoked = clientIdentity();
      const stranger = createTestAuthority("stranger").issue({ name: "client" });
      const { url, dropped } = await serve({ ...serverTls, crl: [issuing.crl([revoked]), root.crl()] });
      const reasons: string[] = [];
      for (const identity of [expired, revoked, stranger]) {
        expect((await speak(url, { ...pair(identity), ...only })).reply).toBeUndefined();
        await expect.poll(() => dropped.length).toBe(reasons.length + 1);
        reasons.push(String(dropped.at(-1)?.cause?.message));
      }
      expect(reasons).toEqual([
        expect.stringContaining("CERT_HAS_EXPIRED"),
        expect.stringContaining("CERT_REVOKED"),
        // Its authority has no list here, which OpenSSL finds first.
        expect.stringContaining("UNABLE_TO_GET_CRL"),
      ]);
    },
  );

  test("T4 over TLS 1.3 a client that is refused may be connected first, and learns it with its first request", async () => {
    const { url } = await serve();
    const identity = createTestAuthority("stranger").issue({ name: "client" });
    const client = await connect(url, { tls: { ...pair(identity), ca, suites: ["TLS_AES_128_GCM_SHA256"] } });
    await expect(client.readCoils(0, 1)).rejects.toEqual(asRefused);
    expect(client.state).toBe("closed");
    // TLS 1.2 has it in the handshake.
    const older = connect(url, {
      tls: { ...pair(identity), ca, suites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] },
    });
    await expect(older.then((open) => open.readCoils(0, 1))).rejects.toEqual(asRefused);
  });

  test("T5 what OpenSSL lets pass as a role is no role", async () => {
    const roles: (string | null)[] = [];
    const { url } = await serve(serverTls, {
      authorize: (_, { role }) => {
        roles.push(role);
        return role !== null;
      },
    });
    for (const values of [[utf8String("Operator"), utf8String("Viewer")], [tlv(0x13, Buffer.from("Operator"))]]) {
      await speak(url, pair(clientIdentity({ roles: values })));
    }
    expect(roles).toEqual([null, null]);
  });

  test("T6 a list is needed for every authority; several in one text, DER and the other label are all read", async () => {
    const revoked = clientIdentity();
    const good = clientIdentity();
    const lists = [issuing.crl([revoked]), root.crl()];
    const der = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ""), "base64");
    const forms = [
      lists,
      lists.join(""),
      lists.map((list) => list.replaceAll("X509 CRL", "CRL")).join("\n"),
      lists.map(der),
    ];
    for (const crl of forms) {
      const { url } = await serve({ ...serverTls, crl });
      expect((await speak(url, pair(good))).reply).toBe(answered);
      expect((await speak(url, pair(revoked))).reply).toBeUndefined();
    }
    const { url, dropped } = await serve({ ...serverTls, crl: lists.slice(0, 1) });
    expect((await speak(url, pair(good))).reply).toBeUndefined();
    await expect.poll(() => String(dropped[0]?.cause?.message)).toContain("UNABLE_TO_GET_CRL");
    const ended = [issuing.crl([], { nextUpdate: new Date("2021-01-01T00:00:00Z") }), root.crl()];
    const late = await serve({ ...serverTls, crl: ended });
    expect((await speak(late.url, pair(good))).reply).toBeUndefined();
    await expect.poll(() => String(late.dropped[0]?.cause?.message)).toContain("CRL_HAS_EXPIRED");
  });

  test("T7 AES_128_CCM_8 is spoken where it is asked for, and only there", async () => {
    const suites = ["TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"] as const;
    const { url } = await serve({ ...pair(serverIdentity()), ca, suites });
    await using client = await connect(url, { tls: { ...clientTls, suites } });
    expect(await client.readCoils(0, 1)).toEqual([false]);
    const usual = await serve();
    await expect(connect(usual.url, { tls: { ...clientTls, suites } })).rejects.toEqual(asRefused);
  });
});

describe("sessions of our client", () => {
  test("PKI-006 are resumed, with the server's certificate known and checked as before", async () => {
    const seen: boolean[] = [];
    const { url } = await serve();
    const checked: string[] = [];
    let problem: Error | undefined;
    const tls = {
      ...clientTls,
      checkServer: (_: string, { subject }: PeerCertificate) => {
        checked.push(String(subject.CN));
        return problem;
      },
    };
    for (let round = 0; round < 2; round += 1) {
      await using client = await connect(url, { tls });
      await client.readCoils(0, 1);
      seen.push(Buffer.from(client.certificate!).includes("server"));
    }
    expect(seen).toEqual([true, true]);
    // Also of a session that is resumed the caller is asked: he may know more by now.
    expect(checked).toEqual(["server", "server"]);
    problem = new Error("this device was replaced");
    await expect(connect(url, { tls })).rejects.toEqual(asRefused);
  });
});
