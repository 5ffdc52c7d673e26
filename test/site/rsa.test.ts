import { createHash } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { startRig } from "../../packages/gateway/src/testing/rig.ts";
import { answered, attempt, refused, versions } from "../../packages/gateway/src/testing/tls.ts";
import { createTestAuthority, type TestIdentity } from "../../packages/modbus/src/testing/certificates.ts";
import { utf8String } from "../../packages/modbus/src/testing/der-writer.ts";

/** Of another maker's authority: RSA keys on both sides, at the gateway's door. */
const authority = createTestAuthority("theirs");
const issue = (name: string, role?: string): TestIdentity =>
  authority.issue({ name, keys: "rsa", ips: ["127.0.0.1"], roles: role === undefined ? [] : [utf8String(role)] });

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
