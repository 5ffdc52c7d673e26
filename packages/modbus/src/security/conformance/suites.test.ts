import { describe, expect, test } from "vitest";
import { connect } from "../../client/connect.ts";
import {
  clientHello,
  EXTENSION,
  type Hello,
  helloRecord,
  MESSAGE,
  messageOf,
  numbers,
  RECORD,
  recordsOf,
  serverHello,
} from "../../testing/handshake-messages.ts";
import {
  answered,
  ca,
  clientIdentity,
  clientTls,
  pair,
  request,
  serve,
  serverIdentity,
  serverTls,
  speak,
  tap,
  tell,
  versions,
} from "../../testing/secure.ts";
import { defaultSuites, sunSpecSuites, type TlsSuite } from "../suites.ts";

/** https://www.iana.org/assignments/tls-parameters: the number of each suite that this library can be told to speak. */
const registered: Readonly<Record<TlsSuite, number>> = {
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  TLS_AES_128_CCM_SHA256: 0x1304,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 0xc02b,
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 0xc02c,
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 0xc02f,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 0xc030,
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca8,
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca9,
  TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: 0xc0ae,
};
const nullSha256 = 0x003b;
/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV says that secure renegotiation is understood, and is no suite. RFC 5746 § 3.3 */
const renegotiationSignal = 0x00ff;

const rsaServer = { ...pair(serverIdentity({ keys: "rsa" })), ca };
const rsaClient = { ...pair(clientIdentity({ keys: "rsa" })), ca };
const old = { maxVersion: "TLSv1.2" } as const;

/** What our client offers; the server's answer does not matter. */
async function offered(tls: Partial<typeof clientTls> = {}): Promise<Hello> {
  const { url } = await serve();
  const wire = await tap(url);
  await connect(wire.url, { tls: { ...clientTls, ...tls } }).then(
    (client) => client.close(),
    () => undefined,
  );
  return clientHello(messageOf(wire.sent(), MESSAGE.clientHello));
}

const without = (suites: readonly number[]): number[] => suites.filter((suite) => suite !== renegotiationSignal);

/** How a server takes a client of OpenSSL that offers only these, and would take any server: the server has to refuse. */
async function only(ciphers: string, tls: typeof serverTls = serverTls, client: object = clientTls) {
  const { url } = await serve(tls);
  const any = { ...old, ciphers: `${ciphers}:@SECLEVEL=0`, rejectUnauthorized: false };
  return await speak(url, { ...client, ...any } as never);
}

const nothing = { reply: undefined, protocol: null };

describe("the suites of Modbus/TCP Security", () => {
  test("R-12 every suite that the client offers is registered with IANA", async () => {
    const { suites } = await offered();
    expect(without(suites)).toEqual(defaultSuites.map((suite) => registered[suite]));
  });

  test("R-13 suites without certificates are refused: anonymous ones and shared keys", async () => {
    const { url, dropped } = await serve();
    const shared = { pskCallback: () => ({ psk: Buffer.alloc(16), identity: "x" }) };
    for (const [round, suite] of ["ADH-AES128-GCM-SHA256", "AECDH-AES128-SHA", "PSK-AES128-GCM-SHA256"].entries()) {
      const options = { ...old, ...shared, ciphers: `${suite}:@SECLEVEL=0`, rejectUnauthorized: false };
      expect(await speak(url, options as never)).toMatchObject(nothing);
      // It does not fail on the way: the server has chosen none.
      await expect.poll(() => dropped[round]?.cause).toMatchObject({ code: "ERR_SSL_NO_SHARED_CIPHER" });
    }
  });

  test("R-14 with an RSA key TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is spoken", async () => {
    expect(await only("ECDHE-RSA-AES128-GCM-SHA256", rsaServer, rsaClient)).toMatchObject({
      reply: answered,
      suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    });
  });

  test("R-36 a counter mode suite is what the server chooses", async () => {
    expect(await only("ALL")).toMatchObject({ suite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" });
  });

  test("R-37 TLS_NULL_WITH_NULL_NULL is refused", async () => {
    const { url } = await serve(rsaServer);
    const said = recordsOf(await tell(url, helloRecord({ suites: [0x0000] })));
    expect(said.map(({ type, content }) => [type, content[0]])).toEqual([[RECORD.alert, 2]]);
  });

  test("R-38 what the server chooses is registered, whichever suite it is told to speak", async () => {
    for (const suite of new Set([...defaultSuites, ...sunSpecSuites])) {
      const isRsa = suite.includes("RSA_") && !suite.includes("ECDSA");
      const { url } = await serve({ ...(isRsa ? rsaServer : serverTls), suites: [suite] });
      const wire = await tap(url);
      await using client = await connect(wire.url, { tls: { ...clientTls, suites: [suite] } });
      await client.readCoils(0, 1);
      const { suites } = serverHello(messageOf(wire.received(), MESSAGE.serverHello));
      expect(suites).toEqual([registered[suite]]);
    }
  });

  test.each(versions)("R-39 RSA keys on both sides work (%s)", async (version) => {
    const { url } = await serve(rsaServer);
    const spoken = await speak(url, { ...rsaClient, minVersion: version, maxVersion: version });
    expect(spoken).toMatchObject({ reply: answered, protocol: version });
    await using client = await connect(url, { tls: rsaClient });
    expect(await client.readCoils(0, 1)).toEqual([false]);
  });

  test("R-40 key exchange on elliptic curves is what both sides speak", async () => {
    const { suite } = await only("ECDHE-ECDSA-AES128-GCM-SHA256:AES128-GCM-SHA256");
    expect(suite).toMatch(/^TLS_ECDHE_/);
  });

  test("R-48 without being told otherwise nobody speaks a suite without encryption", async () => {
    expect(await only("NULL-SHA256", rsaServer, rsaClient)).toMatchObject(nothing);
    expect(await only("ECDHE-RSA-NULL-SHA", rsaServer, rsaClient)).toMatchObject(nothing);
    expect((await offered()).suites).not.toContain(nullSha256);
  });

  test("R-50 no suite with MD5 is spoken", async () => {
    expect(await only("RC4-MD5:NULL-MD5:ALL:!AESGCM:!CHACHA20:!SHA1:!SHA256:!SHA384", rsaServer)).toMatchObject(
      nothing,
    );
    const { suites } = await offered();
    // TLS_RSA_WITH_NULL_MD5, TLS_RSA_WITH_RC4_128_MD5
    expect(suites.filter((suite) => [0x0001, 0x0004].includes(suite))).toEqual([]);
  });

  test("R-51 no suite with HMAC-SHA-1 is spoken", async () => {
    for (const ciphers of ["ECDHE-RSA-AES128-SHA", "AES128-SHA", "AES256-SHA"]) {
      expect(await only(ciphers, rsaServer, rsaClient)).toMatchObject(nothing);
    }
    expect(await only("ECDHE-ECDSA-AES128-SHA")).toMatchObject(nothing);
  });

  test("R-52 suites with SHA-256 are offered and spoken", async () => {
    const { suites } = await offered();
    expect(suites).toContain(registered.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
    expect((await only("ECDHE-ECDSA-AES128-GCM-SHA256")).suite).toMatch(/_SHA256$/);
  });

  test("R-53 every suite that can be spoken authenticates what it carries", async () => {
    // GCM, CCM and POLY1305 are authenticated encryption; TLS_RSA_WITH_NULL_SHA256, opt-in, has HMAC-SHA-256.
    for (const suite of Object.keys(registered)) expect(suite).toMatch(/_(GCM|CCM|CCM_8|POLY1305)(_SHA\d+)?$/);
    const bad = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
    for (const suite of ["TLS_NULL_WITH_NULL_NULL", "NULL-SHA", "toString"]) {
      await expect(serve({ ...serverTls, suites: [suite as TlsSuite] })).rejects.toEqual(bad);
    }
  });

  test("R-54 SHA-1 is neither in the key derivation nor in a signature that is offered or taken", async () => {
    // AES_128_CCM_8 lowers OpenSSL's security level, which would keep SHA-1 out by itself.
    for (const suites of [defaultSuites, sunSpecSuites]) {
      const hello = await offered({ suites });
      // TLS 1.0 and 1.1 derive keys with SHA-1 and MD5; ecdsa_sha1, rsa_pkcs1_sha1, dsa_sha1 sign with it.
      expect(hello.version).toBe(0x0303);
      const signatures = numbers(hello.extensions.get(EXTENSION.signatures)!.subarray(2));
      expect(signatures.filter((scheme) => scheme >> 8 === 2)).toEqual([]);
      const { url } = await serve({ ...serverTls, suites });
      const sha1 = { sigalgs: "ECDSA+SHA1", ciphers: "ALL:@SECLEVEL=0", rejectUnauthorized: false };
      expect(await speak(url, { ...clientTls, ...old, ...sha1 } as never)).toMatchObject(nothing);
    }
  });

  test("R-55 keys are derived with SHA-256", async () => {
    // From TLS 1.2 on the suite's hash is the one of the PRF. RFC 5246 § 5
    const spoken = await only("ECDHE-ECDSA-AES128-GCM-SHA256");
    expect(spoken).toMatchObject({ protocol: "TLSv1.2", suite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" });
    const { url } = await serve();
    const newest = await speak(url, { ...clientTls, ciphers: "TLS_AES_128_GCM_SHA256" } as never);
    expect(newest).toMatchObject({ protocol: "TLSv1.3", suite: "TLS_AES_128_GCM_SHA256" });
  });

  test("R-59 compression is NULL, as offered and as chosen", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    await using client = await connect(wire.url, { tls: clientTls });
    await client.readCoils(0, 1);
    expect(clientHello(messageOf(wire.sent(), MESSAGE.clientHello)).compression).toEqual([0]);
    expect(serverHello(messageOf(wire.received(), MESSAGE.serverHello)).compression).toEqual([0]);
  });

  test("R-61 a client that knows no curve but P-256 is served", async () => {
    const { url } = await serve();
    for (const version of versions) {
      const options = { ...clientTls, ecdhCurve: "P-256", minVersion: version, maxVersion: version };
      expect(await speak(url, options as never)).toMatchObject({ reply: answered });
    }
  });

  test("R-62 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 is spoken", async () => {
    expect(await only("ECDHE-ECDSA-AES128-GCM-SHA256")).toMatchObject({
      reply: answered,
      suite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    });
  });

  test("R-63 the client says which curves it supports, P-256 among them", async () => {
    const { extensions } = await offered();
    // secp256r1. RFC 8422 § 5.1.1
    expect(numbers(extensions.get(EXTENSION.supportedGroups)!.subarray(2))).toContain(23);
  });

  test("R-64 the client says which point formats it supports, uncompressed among them", async () => {
    const { extensions } = await offered();
    expect([...extensions.get(EXTENSION.pointFormats)!.subarray(1)]).toContain(0);
  });

  test("R-66 a client that may speak without encryption offers that last", async () => {
    const { suites } = await offered({ insecureNullEncryption: true });
    expect(without(suites)).toEqual([...defaultSuites.map((suite) => registered[suite]), nullSha256]);
  });

  test("R-67 a server can be told to speak TLS_RSA_WITH_NULL_SHA256, and warns of it", async () => {
    const warnings: string[] = [];
    const warned = (warning: Error & { code?: string }): void => void warnings.push(warning.code ?? "");
    process.on("warning", warned);
    try {
      const { url } = await serve({ ...rsaServer, insecureNullEncryption: true });
      const wire = await tap(url);
      const options = { ...rsaClient, ...old, ciphers: "NULL-SHA256:@SECLEVEL=0" };
      expect(await speak(wire.url, options)).toMatchObject({ reply: answered, suite: "TLS_RSA_WITH_NULL_SHA256" });
      // That is what it means: the request can be read on the wire.
      expect(wire.sent().includes(request)).toBe(true);
      // Who has something better gets that.
      expect((await speak(url, { ...rsaClient, ...old, ciphers: "ALL:eNULL:@SECLEVEL=0" })).suite).toMatch(/GCM/);
      expect(warnings).toContain("MODWARDEN_NULL_ENCRYPTION");
    } finally {
      process.off("warning", warned);
    }
  });
});
