import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Enrolled, type TestAuthority } from "./testing/authority.ts";
import { type Rig, type RigOptions, startRig } from "./testing/rig.ts";
import { answered, attempt, findingsOf, read, versions } from "./testing/tls.ts";

/** How long a certificate opens and keeps a session, and what a connection at the TLS door may cost. */
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

describe("a certificate whose identity may not open a session", () => {
  it("because it was not confirmed is closed after the handshake", async () => {
    const claimed = await authority.enrol("claimed", { confirm: false });
    await start();
    expect((await attempt(rig!, claimed.options)).reply).toBe("closed");
    await expect
      .poll(() => findingsOf(rig!))
      .toMatchObject([{ rule: "identity-refused", evidence: "the identity is claimed" }]);
  });

  it("because it awaits its confirmation is told of: showing it is what confirms it", async () => {
    const claimed = await authority.enrol("standard-client", { confirm: false });
    const { fingerprint } = claimed;
    const subjects = authority.service
      .subjectsSnapshot()
      .map((record) => (record.fingerprint === fingerprint ? { ...record, awaiting: fingerprint } : record));
    await start({ subjects });
    const presented: unknown[] = [];
    rig!.line.onPresented = (shown) => presented.push(shown);
    expect((await attempt(rig!, claimed.options)).reply).toBe("closed");
    await expect.poll(() => presented).toEqual([{ fingerprint, source: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }]);
    await authority.service.confirm(fingerprint, "127.0.0.1");
    rig!.apply({ subjects: authority.service.subjectsSnapshot() });
    expect((await attempt(rig!, claimed.options)).reply).toBe(answered);
  });

  it("because it was replaced by a newer one is refused as that, and locks nobody", async () => {
    const holder = await authority.enrol("renewed");
    const subjects = authority.service
      .subjectsSnapshot()
      .map((record) =>
        record.id === "renewed" ? { ...record, fingerprint: "00", superseded: [holder.fingerprint] } : record,
      );
    await start({ subjects });
    expect((await attempt(rig!, holder.options)).reply).toBe("closed");
    await expect
      .poll(() => rig!.records)
      .toMatchObject([
        { subject: { id: "renewed" }, finding: { evidence: "the certificate was replaced by a newer one" } },
      ]);
  });

  it.each(["suspend", "revoke"] as const)(
    "T2 because it was suspended or revoked is closed, open sessions at once (%s)",
    async (step) => {
      const id = `step-${step}`;
      const enrolled = await authority.enrol(id);
      await start();
      const { reply, client } = await attempt(rig!, enrolled.options);
      expect(reply).toBe(answered);
      await authority.service.identities[step](id);
      expect(rig!.apply({ subjects: authority.service.subjectsSnapshot() })).toBe(1);
      await client!.end();
      expect((await attempt(rig!, enrolled.options)).reply).toBe("closed");
      await expect
        .poll(() => findingsOf(rig!))
        .toMatchObject([{ rule: "identity-revoked" }, { rule: "identity-refused" }]);
    },
  );

  it.each(versions)("T1 is not let in by resuming an earlier session (%s)", async (version) => {
    const id = `resumed-${version}`;
    const enrolled = await authority.enrol(id);
    await start();
    const options = { ...enrolled.options, minVersion: version, maxVersion: version };
    const session = await sessionOf(options);
    const again = await attempt(rig!, { ...options, session });
    expect(again.reply).toBe(answered);
    expect(again.client!.socket.isSessionReused()).toBe(true);
    await authority.service.identities.revoke(id);
    rig!.apply({ subjects: authority.service.subjectsSnapshot() });
    expect((await attempt(rig!, { ...options, session })).reply).toBe("closed");
    await expect.poll(() => findingsOf(rig!).at(-1)).toMatchObject({ rule: "identity-refused" });
  });

  it.each(versions)("because its certificate has ended, also when resuming (%s)", async (version) => {
    await start();
    const options = { ...operator.options, minVersion: version, maxVersion: version };
    const session = await sessionOf(options);
    const { client } = await attempt(rig!, options);
    const subjects = authority.service
      .subjectsSnapshot()
      .map((record) => (record.id === "operator" ? { ...record, expires: Date.now() + 300 } : record));
    expect(rig!.apply({ subjects })).toBe(0);
    await client!.end();
    expect((await attempt(rig!, { ...options, session })).reply).toBe("closed");
    await expect.poll(() => findingsOf(rig!).map(({ rule }) => rule)).toEqual(["identity-revoked", "identity-refused"]);
  });

  async function sessionOf(options: Parameters<Rig["openTls"]>[0]): Promise<Buffer> {
    const client = await rig!.openTls(options);
    const session = options.maxVersion === "TLSv1.3" ? once(client.socket, "session") : undefined;
    client.send(read);
    await client.reply();
    const [ticket] = session === undefined ? [client.socket.getSession()] : await session;
    client.socket.destroy();
    return ticket as Buffer;
  }
});

describe("the gateway's own certificate", () => {
  it("can be replaced: open sessions stay, and new ones get the new one, also who resumes", async () => {
    await start();
    const options = { ...operator.options, maxVersion: "TLSv1.2" } as const;
    const { client } = await attempt(rig!, options);
    const session = client!.socket.getSession() as Buffer;
    const before = client!.socket.getPeerX509Certificate()?.fingerprint256;
    const { key, chain } = await authority.service.issueServerCertificate({
      id: "gw1",
      kind: "gateway",
      names: ["127.0.0.1"],
    });
    rig!.line.renew({ ...authority.tls, key, certificate: chain });
    client!.send(read);
    expect(await client!.reply()).toBe(answered);
    const after = await attempt(rig!, { ...options, session });
    expect(after.reply).toBe(answered);
    expect(after.client!.socket.isSessionReused()).toBe(false);
    expect(after.client!.socket.getPeerX509Certificate()?.fingerprint256).not.toBe(before);
    expect((await attempt(rig!, { ca: operator.options.ca })).reply).toBe("closed");
  });
});

describe("renegotiation", () => {
  it("is refused, with a finding", async () => {
    await start();
    const client = await rig!.openTls({ ...operator.options, maxVersion: "TLSv1.2" });
    client.send(read);
    await client.reply();
    client.socket.renegotiate({}, () => undefined);
    await client.end();
    await expect.poll(() => findingsOf(rig!)).toMatchObject([{ rule: "tls-violation" }]);
  });
});

describe("handshakes that never finish", () => {
  const opened: Socket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
  });
  async function silent(): Promise<Socket> {
    const socket = connectTcp({ host: "127.0.0.1", port: rig!.tlsPort });
    socket.on("error", () => undefined);
    opened.push(socket);
    await once(socket, "connect");
    return socket;
  }

  it("are counted, bounded, and closed in time", async () => {
    await start({ limits: { handshakes: 3, handshakeTimeoutMs: 300 } });
    const sockets = [await silent(), await silent(), await silent()];
    await expect.poll(() => rig!.line.connections()[1]).toBe(3);
    const fourth = await silent();
    await once(fourth, "close");
    expect(rig!.line.counters.refusedConnections).toBe(1);
    await Promise.all(sockets.map((socket) => socket.destroyed || once(socket, "close")));
    await expect.poll(() => rig!.line.connections()[1]).toBe(0);
    expect(findingsOf(rig!).map(({ rule }) => rule)).toEqual([
      "connection-limit",
      "handshake-refused",
      "handshake-refused",
      "handshake-refused",
    ]);
    expect((await attempt(rig!, operator.options)).reply).toBe(answered);
    expect(rig!.line.connections()[1]).toBe(1);
  });

  it("take no places from sessions that stand, nor keep the line from closing", async () => {
    await start({ limits: { connections: 3, handshakes: 2, handshakeTimeoutMs: 600_000 } });
    await silent();
    await silent();
    await expect.poll(() => rig!.line.connections()[1]).toBe(2);
    expect((await attempt(rig!, operator.options)).reply).toBe("closed");
    const plain = await rig!.open();
    plain.socket.destroy();
    await rig!.stop();
    rig = undefined;
  });

  it("that end while the line closes open no session", async () => {
    await start();
    const { line } = rig!;
    const socket = connectTls({
      host: "127.0.0.1",
      port: rig!.tlsPort,
      ...operator.options,
      checkServerIdentity: () => undefined,
    });
    socket.on("error", () => undefined);
    await expect.poll(() => line.connections()[1]).toBe(1);
    await line.close(0);
    await expect.poll(() => socket.destroyed).toBe(true);
    expect(line.sessions).toBe(0);
  });
});

describe("connections of one source", () => {
  it("are bounded on TLS as on plain listeners, and each one given back", async () => {
    await start({ limits: { connectionsPerSource: 2 } });
    for (let round = 0; round < 3; round += 1) {
      const clients = [await rig!.openTls(operator.options), await rig!.openTls(operator.options)];
      expect((await attempt(rig!, operator.options)).reply).toBe("closed");
      for (const { socket } of clients) socket.destroy();
      await expect.poll(() => rig!.line.connections()[1]).toBe(0);
    }
    expect(rig!.line.counters.refusedConnections).toBe(3);
    expect(findingsOf(rig!).map(({ rule }) => rule)).toEqual([
      "connection-limit",
      "connection-limit",
      "connection-limit",
    ]);
  });
});
