import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { request as httpsRequest } from "node:https";
import { createRegistrationKey, createRequest, formatKey, parseRegistrationKey } from "@modwarden/identity";
import { roleOf } from "@modwarden/modbus";
import type { ScenarioContext } from "./context.ts";
import type { Step } from "./step.ts";

/** Phase 1 voltage: 32-bit float in input registers 0 and 1. Eastron SDM630 */
const VOLTAGE = { unit: 1, address: 0, quantity: 2 } as const;

export const readingAndEnrolling: readonly Step[] = [
  {
    id: 1,
    name: "A value read straight from the meter and through the gateway agree",
    async run(context, seen) {
      const client = await context.plain();
      // The meter moves: the reading through the gateway counts between two equal ones of the device itself.
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const before = await context.deviceInputs(VOLTAGE.unit, VOLTAGE.address, VOLTAGE.quantity);
        const through = await client.readInputRegisters(VOLTAGE.address, VOLTAGE.quantity, { unit: VOLTAGE.unit });
        const after = await context.deviceInputs(VOLTAGE.unit, VOLTAGE.address, VOLTAGE.quantity);
        if (before !== after) continue;
        seen.same("registers", before, Array.from(through).join(" "));
        return;
      }
      seen.same("two equal readings of the device", "some", "none in 50 attempts");
    },
  },
  {
    id: 2,
    name: "A client enrols with a key and gets a certificate that carries its role",
    async run(context, seen) {
      const since = await context.size();
      const identity = await context.enrol("operator-1", ["Operator"]);
      const leaf = new X509Certificate(identity.cert);
      seen.same("role in the certificate", "Operator", roleOf(leaf.raw).role ?? "none");
      seen.same(
        "issued under the site's root",
        true,
        new X509Certificate(identity.ca).verify(new X509Certificate(identity.ca).publicKey),
      );
      const record = await context.recorded(
        since,
        ({ kind, ...rest }) => kind === "enrolment" && rest["event"] === "confirmed",
      );
      seen.same("log", "operator-1", String(record?.["id"] ?? "nothing"));
    },
  },
  {
    id: 3,
    name: "Wrong, expired, used-up and revoked keys get the same answer",
    async run(context, seen) {
      const since = await context.size();
      const [good, used, revoked, expired] = await Promise.all([
        context.key({ roles: ["Viewer"] }),
        context.key({ roles: ["Viewer"] }),
        context.key({ roles: ["Viewer"] }),
        context.key({ roles: ["Viewer"], expiresInMs: 1_000 }),
      ]);
      const viewer = await answerTo(context, used.key, "viewer-used");
      seen.same("first use", 200, viewer.status);
      await context.demo.running.command("key.revoke", { id: revoked.id });
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const answers = [
        await answerTo(context, otherSecret(good.key), "viewer-a"),
        await answerTo(context, expired.key, "viewer-b"),
        await answerTo(context, used.key, "viewer-c"),
        await answerTo(context, revoked.key, "viewer-d"),
      ];
      seen.same("different answers", 1, new Set(answers.map(({ status, body }) => `${status} ${body}`)).size);
      seen.same("status", 403, answers[0]?.status ?? 0);
      const reasons = (await context.log())
        .filter((record) => record.seq >= since && record.kind === "enrolment" && record["event"] === "refused")
        .map((record) => String(record["reason"]));
      seen.same("reasons in the log", "expired revoked used-up wrong-secret", reasons.sort().join(" "));
    },
  },
];

/** A key with the right id and a secret that is not its own; the check characters are right. */
function otherSecret(key: string): string {
  return formatKey({ ...createRegistrationKey(randomBytes), id: parseRegistrationKey(key).id });
}

interface EnrolmentAnswer {
  readonly status: number;
  /** The answer with its correlation code taken out: that one differs each time. */
  readonly body: string;
}

/** Posts an enrolment as any client could, and returns what came back over the wire. */
async function answerTo(context: ScenarioContext, key: string, name: string): Promise<EnrolmentAnswer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = JSON.stringify({ key, csr: await createRequest(privateKey, name), name });
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      new URL("/v1/enrol", context.demo.enrolmentUrl),
      {
        method: "POST",
        ca: context.demo.running.identity.root,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          text += chunk;
        });
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: withoutCorrelation(text) }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function withoutCorrelation(text: string): string {
  const correlation = /"correlation":"([^"]+)"/.exec(text)?.[1];
  return correlation === undefined ? text : text.replaceAll(correlation, "…");
}
