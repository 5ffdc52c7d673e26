import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { adu, type Rig, startRig } from "../../packages/gateway/src/testing/rig.ts";
import { answered, attempt, refused, versions } from "../../packages/gateway/src/testing/tls.ts";
import { createTestAuthority, type TestIdentity } from "../../packages/modbus/src/testing/certificates.ts";
import { tlv, utf8String } from "../../packages/modbus/src/testing/der-writer.ts";

/** Certificates of another maker at the gateway's door: other keys, other lists, roles that are none, other suites. */
const authority = createTestAuthority("theirs");
const issue = (name: string, role?: string): TestIdentity =>
  authority.issue({ name, keys: "rsa", ips: ["127.0.0.1"], roles: role === undefined ? [] : [utf8String(role)] });

const operator = utf8String("Operator");
const long = "Ä".repeat(64);
/** What stands in the certificate, and the reason on record; `null` for a role that is one. */
const roles: readonly (readonly [name: string, values: readonly Uint8Array[], reason: string | null])[] = [
  ["none", [], "role-missing"],
  ["two", [operator, utf8String("Viewer")], "role-several"],
  ["twice the same", [operator, operator], "role-several"],
  ["an empty one", [utf8String("")], "role-empty"],
  ["a PrintableString", [tlv(0x13, Buffer.from("Operator"))], "role-not-utf8string"],
  ["a BIT STRING", [tlv(0x03, Buffer.from("\0Operator"))], "role-not-utf8string"],
  ["a byte behind it", [Buffer.concat([operator, Buffer.of(0)])], "role-trailing-bytes"],
  ["a length of two bytes", [Buffer.concat([Buffer.of(0x0c, 0x81, 8), Buffer.from("Operator")])], "role-malformed"],
  ["a length without end", [Buffer.concat([Buffer.of(0x2c, 0x80), operator, Buffer.of(0, 0)])], "role-malformed"],
  ["65 characters", [utf8String("O".repeat(65))], "role-too-long"],
  ["65 characters of two bytes", [utf8String(`${long}Ä`)], "role-too-long"],
  ["a control character", [utf8String("Operator\n")], "role-control-character"],
  ["a NUL at its end", [utf8String("Operator\0")], "role-control-character"],
  ["invalid UTF-8", [tlv(0x0c, Buffer.of(0x4f, 0xc3, 0x28))], "role-not-utf8"],
  ["one in plain order", [operator], null],
  ["64 characters of two bytes", [utf8String(long)], null],
];

describe("a registered certificate", () => {
  const gateway = authority.issue({ name: "gw1", ips: ["127.0.0.1"] });
  const ca = authority.certificate;
  const enter = (id: string, values: readonly Uint8Array[], critical = false) => {
    const client = authority.issue({ name: "client", roles: values, critical });
    const fingerprint = createHash("sha256").update(client.leaf).digest("hex");
    return { id, fingerprint, options: { key: client.key, cert: client.cert, ca } };
  };
  const clients = roles.map(([name, values, reason], index) => {
    const entered = enter(name, values);
    // Refusals of one source beyond the first 20 are on record as a number only.
    return { ...entered, reason, options: { ...entered.options, localAddress: `127.0.1.${index + 1}` } };
  });
  const critical = enter("critical", [operator], true);
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({
      tls: { key: gateway.key, certificate: gateway.cert, authorities: [ca] },
      policy: `policy: 1
mode: enforce
roles: [Operator, ${long}]
rules: [{ id: all, permit: { roles: [Operator, ${long}] }, units: [1-247], allow: [{ functions: [3] }] }]`,
      // The registry would allow it: what decides is how the certificate says it.
      subjects: [...clients, critical].map(({ id, fingerprint }) => ({
        ...{ id, kind: "client", state: "active", fingerprint },
        role: id.startsWith("64") ? long : "Operator",
      })),
    });
  });
  afterAll(() => rig.stop());

  it.each(clients)(
    "opens a session that may do nothing unless its role is one: $id",
    async ({ id, reason, options }) => {
      const before = rig.reached.length;
      const { reply, client } = await attempt(rig, options);
      const decisions = (): unknown[] =>
        rig.records
          .filter(({ subject }) => (subject as { readonly id?: string } | undefined)?.id === id)
          .map((record) => (record["decision"] as { readonly failed?: string }).failed);
      if (reason === null) {
        expect(reply).toBe(answered);
        return;
      }
      expect(reply).toBe(refused);
      // Whatever it asks, there is one answer of nine bytes: for a unit that nobody has, bodies that are wrong, writes.
      client!.send(
        Buffer.concat([
          ...[adu(2, 99, "03 0000 0001"), adu(3, 1, "03 0000"), adu(4, 1, "03 ffff 007d"), adu(5, 1, "06 0000 0001")],
          ...[adu(6, 0, "03 0000 0001"), adu(7, 255, "2b 0e 01 00"), adu(8, 1, "64 00")],
        ]),
      );
      expect(await client!.replies(7)).toEqual([
        ...["000200000003638301", "000300000003018301", "000400000003018301", "000500000003018601"],
        ...["000600000003008301", "00070000" + "0003ffab01", "00080000" + "000301e401"],
      ]);
      expect(rig.reached).toHaveLength(before);
      await expect.poll(decisions).toEqual([...Array.from({ length: 7 }, () => reason), expect.any(String)]);
    },
  );

  it("is refused in the handshake when its role is marked as critical, which TLS knows nothing of", async () => {
    expect((await attempt(rig, critical.options)).reply).toBe("closed");
    await expect
      .poll(() => rig.records.filter(({ kind }) => kind === "finding").at(-1)?.["finding"])
      .toMatchObject({ rule: "handshake-refused", evidence: expect.stringContaining("critical extension") });
  });
});

it("a listener speaks the suites of its configuration and no others", async () => {
  const gateway = authority.issue({ name: "gw1", ips: ["127.0.0.1"] });
  const rig = await startRig({
    tls: {
      ...{ key: gateway.key, certificate: gateway.cert, authorities: [authority.certificate] },
      suites: ["TLS_AES_256_GCM_SHA384"],
    },
  });
  onTestFinished(() => rig.stop());
  const { key, cert } = authority.issue({ name: "client" });
  const options = { key, cert, ca: authority.certificate };
  const { client } = await attempt(rig, options);
  expect(client?.socket.getCipher().standardName).toBe("TLS_AES_256_GCM_SHA384");
  expect((await attempt(rig, { ...options, maxVersion: "TLSv1.2" })).reply).toBe("closed");
});

it.each(versions)(
  "RSA certificates are good for client and gateway, and a revocation list is kept (%s)",
  async (version) => {
    const gateway = issue("gw1");
    const operator = issue("operator", "Operator");
    const nobody = issue("nobody", "Operator");
    const tls = { key: gateway.key, certificate: gateway.cert, authorities: [authority.certificate] };
    const fingerprint = createHash("sha256").update(operator.leaf).digest("hex");
    const rig = await startRig({
      tls: { ...tls, crls: [authority.crl()] },
      subjects: [{ id: "operator", kind: "client", role: "Operator", state: "active", fingerprint }],
    });
    onTestFinished(() => rig.stop());
    const options = ({ key, cert }: TestIdentity) => ({
      ...{ key, cert, ca: authority.certificate },
      ...{ minVersion: version, maxVersion: version },
    });
    expect((await attempt(rig, options(operator))).reply).toBe(answered);
    expect((await attempt(rig, options(nobody))).reply).toBe(refused);
    rig.line.renew({ ...tls, crls: [authority.crl([operator])] });
    expect((await attempt(rig, options(operator))).reply).toBe("closed");
    await expect
      .poll(() => rig.records.filter(({ kind }) => kind === "finding").map((record) => record["finding"]))
      .toMatchObject([{ rule: "handshake-refused", evidence: "CERT_REVOKED" }]);
  },
);
