import { createHash } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { startRig } from "../../packages/gateway/src/testing/rig.ts";
import { answered, attempt, refused, versions } from "../../packages/gateway/src/testing/tls.ts";
import { createTestAuthority, type TestIdentity } from "../../packages/modbus/src/testing/certificates.ts";
import { tlv, utf8String } from "../../packages/modbus/src/testing/der-writer.ts";

/** Certificates of another maker at the gateway's door: other keys, other lists, and roles that are none. */
const authority = createTestAuthority("theirs");
const issue = (name: string, role?: string): TestIdentity =>
  authority.issue({ name, keys: "rsa", ips: ["127.0.0.1"], roles: role === undefined ? [] : [utf8String(role)] });

it.each([
  ["none", []],
  ["two", [utf8String("Operator"), utf8String("Viewer")]],
  ["an empty one", [utf8String("")]],
  ["a PrintableString", [tlv(0x13, Buffer.from("Operator"))]],
  ["a byte behind it", [Buffer.concat([utf8String("Operator"), Buffer.of(0)])]],
  ["65 characters", [utf8String("O".repeat(65))]],
  ["a control character", [utf8String("Operator\0")]],
  ["invalid UTF-8", [tlv(0x0c, Buffer.of(0x4f, 0xc3, 0x28))]],
] as const)("a registered certificate whose role is %s opens a session that may do nothing", async (_, roles) => {
  const gateway = authority.issue({ name: "gw1", ips: ["127.0.0.1"] });
  const client = authority.issue({ name: "client", roles });
  const fingerprint = createHash("sha256").update(client.leaf).digest("hex");
  const rig = await startRig({
    tls: { key: gateway.key, certificate: gateway.cert, authorities: [authority.certificate] },
    subjects: [{ id: "client", kind: "client", role: "Operator", state: "active", fingerprint }],
  });
  onTestFinished(() => rig.stop());
  const { key, cert } = client;
  expect((await attempt(rig, { key, cert, ca: authority.certificate })).reply).toBe(refused);
  expect(rig.reached).toEqual([]);
  expect(rig.records[0]).toMatchObject({ subject: { id: "client", role: null }, decision: { permit: false } });
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
