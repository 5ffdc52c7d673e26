import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Enrolled, type TestAuthority } from "./testing/authority.ts";
import { adu, type Rig, type RigOptions, startRig, TestClient } from "./testing/rig.ts";
import { answered, attempt, findingsOf, read, refused, versions } from "./testing/tls.ts";

/** Who speaks on the TLS listener, and what every refusal at this door leaves on record. */
let authority: TestAuthority;
let operator: Enrolled;
let rig: Rig | undefined;
beforeAll(async () => {
  authority = await createAuthority();
  operator = await authority.enrol("operator");
});
afterAll(() => authority.close());
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ tls: authority.tls, subjects: authority.service.subjectsSnapshot(), ...options });
  return rig;
}

const failures = ({ records }: Rig): unknown[] =>
  records
    .filter(({ kind }) => kind === "transaction")
    .map((record) => (record["decision"] as { failed?: string }).failed);

describe("a registered client over TLS", () => {
  it.each(versions)("works with %s, its subject and certificate on record", async (version) => {
    const { openTls, records } = await start();
    const client = await openTls({ ...operator.options, minVersion: version, maxVersion: version });
    client.send(read);
    expect(await client.reply()).toBe(answered);
    await expect
      .poll(() => records)
      .toMatchObject([
        {
          subject: { id: "operator", role: "Operator", cert: operator.fingerprint },
          method: { transport: "tls" },
          decision: { permit: true },
        },
      ]);
  });

  it("has each ADU of one TLS record judged alone and answered in order", async () => {
    const { openTls, reached } = await start();
    const client = await openTls(operator.options);
    client.send(
      Buffer.concat([read, adu(2, 1, "06 0000 0007"), adu(3, 77, "03 0000 0001"), adu(4, 1, "03 0000 0001")]),
    );
    expect(await client.replies(4)).toEqual([
      answered,
      "000200000006" + "010600000007",
      "0003000000034d830a",
      "0004000000050103020007",
    ]);
    expect(reached).toHaveLength(3);
  });

  it("gets its replies also when it has ended its side, and those before a bad frame", async () => {
    const { openTls } = await start();
    const ending = await openTls(operator.options);
    ending.socket.end(Buffer.concat([read, adu(2, 1, "03 0000 0001")]));
    expect(await ending.replies(2)).toHaveLength(2);
    await ending.end();
    const breaking = await openTls(operator.options);
    breaking.send(Buffer.concat(Array.from({ length: 40 }, () => adu(1, 1, "83 00"))));
    await breaking.replies(30);
    // From the 21st on refusals wait for nothing: they are ready when the bad frame is read.
    breaking.send(
      Buffer.concat([...Array.from({ length: 40 }, () => adu(1, 1, "83 00")), Buffer.from("0001cafe0006", "hex")]),
    );
    expect(await breaking.replies(50)).toHaveLength(50);
    await breaking.end();
  });
});

describe("refused in the handshake, each with its reason on record", () => {
  it.each(versions)("no certificate (%s)", async (version) => {
    await start();
    const { ca } = operator.options;
    expect((await attempt(rig!, { ca, minVersion: version, maxVersion: version })).reply).toBe("closed");
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
    const [finding] = findingsOf(rig!);
    expect(finding!.evidence).toMatch(/did not return a certificate/);
    expect(finding!.source).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it.each(versions)("another authority's certificate (%s)", async (version) => {
    const other = await createAuthority();
    try {
      const stranger = await other.enrol("operator");
      await start();
      const ca = operator.options.ca;
      expect((await attempt(rig!, { ...stranger.options, ca, minVersion: version, maxVersion: version })).reply).toBe(
        "closed",
      );
      await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
      expect(findingsOf(rig!)[0]!.evidence).toMatch(/SELF_SIGNED|UNABLE_TO/);
      expect(findingsOf(rig!)[0]!.source).toMatch(/^127\.0\.0\.1:\d+$/);
    } finally {
      await other.close();
    }
  });

  it.each(versions)("an expired certificate (%s)", async (version) => {
    const expired = await authority.enrol(`expired-${version}`, {
      now: new Date(Date.now() - 10 * 86_400_000),
      certificateLifetimeMs: 86_400_000,
    });
    await start();
    expect((await attempt(rig!, { ...expired.options, minVersion: version, maxVersion: version })).reply).toBe(
      "closed",
    );
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
    expect(findingsOf(rig!)[0]!.evidence).toMatch(/EXPIRED/);
  });

  it("TLS 1.1", async () => {
    await start();
    const { reply } = await attempt(rig!, {
      ...operator.options,
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    expect(reply).toBe("closed");
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
    expect(findingsOf(rig!)[0]!.evidence).toMatch(/protocol/);
  });

  it("the gateway's own kind of certificate, which is a server's", async () => {
    await start();
    const { key, certificate } = authority.tls;
    expect((await attempt(rig!, { key, cert: certificate, ca: operator.options.ca })).reply).toBe("closed");
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
  });

  it("what is no TLS at all", async () => {
    await start();
    const client = await TestClient.open(rig!.tlsPort);
    client.send(read);
    await client.end();
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "handshake-refused" }]);
    client.socket.destroy();
  });
});

describe("a certificate of the right authority that is nobody's", () => {
  it("because it has no role gets 01 on every request and keeps its connection", async () => {
    const roleless = await authority.enrol("roleless", { roles: [] });
    await start();
    const { reply, client } = await attempt(rig!, roleless.options);
    expect(reply).toBe(refused);
    client!.send(adu(2, 99, "03 0000 0000"));
    expect(await client!.reply()).toBe("000200000003638301");
    expect(rig!.reached).toEqual([]);
    expect(failures(rig!)).toEqual(["role-missing", "role-missing"]);
    expect(rig!.records[0]).toMatchObject({ subject: { id: "roleless", role: null } });
  });

  it("because its identity was retired, or has another certificate now, gets 01", async () => {
    const { identities } = authority.service;
    const retired = await authority.enrol("replaced");
    await identities.retire("replaced");
    await start({ subjects: authority.service.subjectsSnapshot() });
    expect((await attempt(rig!, retired.options)).reply).toBe(refused);
    const second = await authority.enrol("replaced");
    rig!.apply({ subjects: authority.service.subjectsSnapshot() });
    expect((await attempt(rig!, retired.options)).reply).toBe(refused);
    expect((await attempt(rig!, second.options)).reply).toBe(answered);
    expect(rig!.records[0]).toMatchObject({ subject: { id: null, role: null, cert: retired.fingerprint } });
  });

  it("because the registry has another role for it gets 01", async () => {
    const subjects = authority.service
      .subjectsSnapshot()
      .map((record) => (record.id === "operator" ? { ...record, role: "Viewer" } : record));
    await start({ subjects });
    expect((await attempt(rig!, operator.options)).reply).toBe(refused);
    expect(rig!.records[0]).toMatchObject({ subject: { id: "operator", role: null } });
  });
});
