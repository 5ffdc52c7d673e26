import { describe, expect, test } from "vitest";
import { connect } from "../../client/connect.ts";
import { createTestAuthority } from "../../testing/certificates.ts";
import { extension, utf8String } from "../../testing/der-writer.ts";
import {
  answered,
  ca,
  clientIdentity,
  clientTls,
  pair,
  refused,
  serve,
  serverIdentity,
  serverTls,
  speak,
} from "../../testing/secure.ts";
import { sunSpecSuites } from "../suites.ts";

/** Checks of Secure SunSpec Modbus 1.0 that no requirement of Modbus/TCP Security covers as they stand. */
const asRefused = expect.objectContaining({ code: "ERR_MODBUS_REFUSED" });
const isNewest = (suite: string): boolean => !suite.includes("_WITH_");
const newest = sunSpecSuites.filter(isNewest);
const older = sunSpecSuites.filter((suite) => !isNewest(suite));

describe("Secure SunSpec Modbus", () => {
  test("CRYP-001 each of its suites for TLS 1.2 is spoken when it is the only one that a client offers", async () => {
    const { url } = await serve({ ...serverTls, suites: sunSpecSuites });
    expect(older).toHaveLength(3);
    for (const suite of older) {
      await using client = await connect(url, { tls: { ...clientTls, suites: [suite] } });
      expect(await client.readCoils(0, 1)).toEqual([false]);
    }
  });

  test("CRYP-002 each of its suites for TLS 1.3 is spoken when it is the only one that a client offers", async () => {
    const { url } = await serve({ ...serverTls, suites: sunSpecSuites });
    expect(newest).toHaveLength(3);
    for (const suite of newest) {
      const options = { ...clientTls, ciphers: suite, minVersion: "TLSv1.3" } as never;
      expect(await speak(url, options)).toMatchObject({ reply: answered, suite, protocol: "TLSv1.3" });
    }
  });

  test("CRYP-003 a suite can be switched off, and on again", async () => {
    const discouraged = "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8";
    const { url, server } = await serve({ ...serverTls, suites: sunSpecSuites });
    const ask = async (): Promise<boolean[]> => {
      await using client = await connect(url, { tls: { ...clientTls, suites: [discouraged] } });
      return await client.readCoils(0, 1);
    };
    expect(await ask()).toEqual([false]);
    server.setTls({ ...serverTls, suites: sunSpecSuites.filter((suite) => suite !== discouraged) });
    await expect(ask()).rejects.toEqual(asRefused);
    server.setTls({ ...serverTls, suites: sunSpecSuites });
    expect(await ask()).toEqual([false]);
  });

  test("PKI-001 ten roots are trusted at one time, and an eleventh is not", async () => {
    const roots = Array.from({ length: 11 }, (_, index) => createTestAuthority(`root ${index}`));
    const trusted = roots.slice(0, 10).map(({ certificate }) => certificate);
    const { url } = await serve({ ...serverTls, ca: [ca, ...trusted] });
    const replies: (string | undefined)[] = [];
    for (const root of roots) replies.push((await speak(url, pair(root.issue({ name: "client" })))).reply);
    expect(replies).toEqual([...Array.from({ length: 10 }, () => answered), undefined]);
  });

  test("PKI-002 a root is added and removed while the server runs", async () => {
    const root = createTestAuthority("another root");
    const client = pair(root.issue({ name: "client" }));
    const { url, server } = await serve();
    expect((await speak(url, client)).reply).toBeUndefined();
    server.setTls({ ...serverTls, ca: [ca, root.certificate] });
    const welcome = await speak(url, client);
    expect(welcome.reply).toBe(answered);
    server.setTls(serverTls);
    expect((await speak(url, { ...client, session: welcome.session! })).reply).toBeUndefined();
  });

  test("PKI-003 a self-signed certificate is refused, whatever role it names", async () => {
    const { url, dropped } = await serve();
    const alone = createTestAuthority("self-signed", { roles: [utf8String("SuperAdministratorSunSpec")] });
    expect((await speak(url, { key: alone.key, cert: alone.certificate })).reply).toBeUndefined();
    await expect.poll(() => String(dropped[0]?.cause?.message)).toContain("SELF_SIGNED");
  });

  test("RBAC-006 a role under another object identifier is none: the session stands, every request gets 01", async () => {
    const { url } = await serve(serverTls, { authorize: (_, { role }) => role === "ReadOnlySunSpec" });
    const role = utf8String("ReadOnlySunSpec");
    expect(await speak(url, pair(clientIdentity({ roles: [role] })))).toMatchObject({ reply: answered });
    const sibling = clientIdentity({ roles: [], extensions: [extension("1.3.6.1.4.1.50316.802.2", role)] });
    expect(await speak(url, pair(sibling))).toMatchObject({ reply: refused, error: undefined });
  });

  test("RBAC-011 a client wants no role in the server's certificate, and minds none", async () => {
    for (const roles of [[], [utf8String("GridServiceSunSpec")]]) {
      const { url } = await serve({ ...pair(serverIdentity({ roles })), ca });
      await using client = await connect(url, { tls: clientTls });
      expect(await client.readCoils(0, 1)).toEqual([false]);
    }
  });
});
