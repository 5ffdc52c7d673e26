import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequest, openIdentity } from "@modwarden/identity";
import { ending } from "../ending.ts";
import { closedWithin, exchange, openPlain, openSecure } from "../wire.ts";
import { adu, concat, replies } from "./adu.ts";
import { drive, findingOf, isTransaction, rawPercent, type ScenarioContext, verdictOf } from "./context.ts";
import type { Observations } from "./observations.ts";
import type { Step } from "./step.ts";

const readMeter = { kind: "read-input-registers", address: 0, quantity: 2 } as const;
const writeSetpoint = { kind: "write-single-register", address: drive.setpoint, value: rawPercent(10) } as const;

export const identitiesAndWires: readonly Step[] = [
  {
    id: 8,
    name: "No certificate, and one from another authority: refused",
    async run(context, seen) {
      const ca = context.demo.running.identity.root;
      const since = await context.size();
      seen.same("without certificate", "closed, no answer", await refusedAtTheDoor(context, { ca }));
      const stranger = await strangersIdentity();
      seen.same("another authority", "closed, no answer", await refusedAtTheDoor(context, { ca, ...stranger }));
      const record = await context.recorded(since, (candidate) => findingOf(candidate) === "handshake-refused");
      seen.same("log", "finding", record?.kind ?? "nothing");
    },
  },
  {
    id: 9,
    name: "A certificate without a role: exception 01 on every request, the connection stays",
    async run(context, seen) {
      const identity = await context.enrol("roleless-1", []);
      const since = await context.size();
      const client = await context.secure(identity);
      seen.same("reading", "exception 1", await ending(client.readInputRegisters(0, 2, { unit: 1 })));
      seen.same("unknown unit", "exception 1", await ending(client.readInputRegisters(0, 2, { unit: 99 })));
      seen.same(
        "writing on the same connection",
        "exception 1",
        await ending(client.writeRegister(drive.setpoint, 1, { unit: drive.unit })),
      );
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "roleless-1", 6));
      seen.same("log", "unknown-subject", verdictOf(record));
    },
  },
  {
    id: 10,
    name: "A registered plain source reads: permitted; writes: exception 01",
    async run(context, seen) {
      const since = await context.size();
      const client = await context.plain();
      seen.same("reading", "answered", await ending(client.readInputRegisters(0, 2, { unit: 1 })));
      const before = await context.device(drive.unit, drive.setpoint);
      seen.same(
        "writing",
        "exception 1",
        await ending(client.writeRegister(drive.setpoint, rawPercent(10), { unit: drive.unit })),
      );
      seen.same("setpoint in the device", before, await context.device(drive.unit, drive.setpoint));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "legacy-hmi", 6));
      seen.same("log", "no-permit", verdictOf(record));
    },
  },
  {
    id: 11,
    name: "A permitted read and a forbidden write in one segment: one answer each, in order",
    async run(context, seen) {
      const since = await context.size();
      const before = await context.device(drive.unit, drive.setpoint);
      const socket = await openPlain(context.demo.ports.plain);
      // Reply to the read: 7 + 2 + 4 bytes; to the write: 9 bytes.
      const sent = concat(adu(0x0b01, 1, readMeter), adu(0x0b02, drive.unit, writeSetpoint));
      const { received } = await exchange(socket, sent, 22);
      socket.destroy();
      const [first = "", second = ""] = replies(received);
      seen.same("answers", 2, replies(received).length);
      seen.same("first", "2817: 0404", first.slice(0, 10));
      seen.same("second", "2818: 8601", second);
      seen.same("setpoint in the device", before, await context.device(drive.unit, drive.setpoint));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "legacy-hmi", 6));
      seen.same("log", "no-permit", verdictOf(record));
    },
  },
  {
    id: 12,
    name: "Wrong protocol id and length 0xFFFA: closed, recorded",
    async run(context, seen) {
      await closedFor(context, seen, "protocol id 51966", Uint8Array.of(0, 1, 0xca, 0xfe, 0, 6, 1, 4, 0, 0, 0, 2));
      await closedFor(context, seen, "length 65530", Uint8Array.of(0, 1, 0, 0, 0xff, 0xfa, 1, 4, 0, 0, 0, 2));
    },
  },
  {
    id: 13,
    name: "Function 23 by a read-only role: exception 01 (it is a write)",
    async run(context, seen) {
      const since = await context.size();
      const client = await context.secure(context.identity("viewer-1"));
      const before = await context.device(drive.unit, drive.setpoint);
      const request = {
        kind: "read-write-multiple-registers",
        readAddress: drive.frequency,
        readQuantity: 1,
        writeAddress: drive.setpoint,
        values: Uint16Array.of(rawPercent(10)),
      } as const;
      seen.same("answer", "exception 1", await ending(client.request(request, { unit: drive.unit })));
      seen.same("setpoint in the device", before, await context.device(drive.unit, drive.setpoint));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "viewer-1", 23));
      seen.same("log", "no-permit", verdictOf(record));
    },
  },
  {
    id: 14,
    name: "Revoking the operator closes its open connection within 1 s and refuses new and resumed ones",
    async run(context, seen) {
      const { key, cert, ca } = context.identity("operator-1");
      const { secure: port } = context.demo.ports;
      const socket = await openSecure({ port, ca, key, cert });
      let session: Buffer | undefined;
      socket.on("session", (ticket) => {
        session = ticket;
      });
      const { received } = await exchange(socket, adu(1, 1, readMeter), 13);
      seen.same("before", "0404", replies(received)[0]?.slice(3, 7) ?? "no answer");
      const since = await context.size();
      const closing = closedWithin(socket, 3_000);
      await context.demo.running.command("identity.revoke", { id: "operator-1" });
      const closedAfterMs = await closing;
      seen.same("open connection closed within 1 s", true, closedAfterMs !== undefined && closedAfterMs < 1_000);
      seen.same("new connection", "closed, no answer", await refusedAtTheDoor(context, { ca, key, cert }));
      seen.same("has a session to resume", true, session !== undefined);
      const resumed = session === undefined ? {} : { session };
      seen.same(
        "resumed connection",
        "closed, no answer",
        await refusedAtTheDoor(context, { ca, key, cert, ...resumed }),
      );
      const closed = await context.recorded(since, (candidate) => findingOf(candidate) === "identity-revoked");
      const refused = await context.recorded(since, (candidate) => findingOf(candidate) === "identity-refused");
      seen.same(
        "log",
        "identity-revoked, identity-refused",
        [closed, refused].map((record) => (record === undefined ? "nothing" : findingOf(record))).join(", "),
      );
    },
  },
];

/** Connects and asks; "closed, no answer" is what a client without the right identity must see. */
async function refusedAtTheDoor(
  context: ScenarioContext,
  options: { readonly ca: string; readonly key?: string; readonly cert?: string; readonly session?: Buffer },
): Promise<string> {
  try {
    const socket = await openSecure({ port: context.demo.ports.secure, ...options });
    const { received, closed } = await exchange(socket, adu(1, 1, readMeter), 13);
    socket.destroy();
    return received.length > 0 ? `answered ${replies(received)[0]}` : closed ? "closed, no answer" : "open, no answer";
  } catch {
    // The handshake itself failed: nothing was answered and nothing is open.
    return "closed, no answer";
  }
}

async function closedFor(
  context: ScenarioContext,
  seen: Observations,
  evidence: string,
  bytes: Uint8Array,
): Promise<void> {
  const since = await context.size();
  const socket = await openPlain(context.demo.ports.plain);
  const { received, closed } = await exchange(socket, bytes, 1);
  seen.same(evidence, "closed, 0 bytes", `${closed ? "closed" : "open"}, ${received.length} bytes`);
  const record = await context.recorded(since, (candidate) => findingOf(candidate) === "frame-malformed");
  seen.same("log", "finding", record?.kind ?? "nothing");
}

/** A good identity of a role that exists here, from an authority that is not this site's. */
async function strangersIdentity(): Promise<{ readonly key: string; readonly cert: string }> {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-stranger-"));
  try {
    const service = await openIdentity({ dir, now: () => new Date() });
    const { key } = await service.keys.create({ kind: "client", roles: ["Operator"] });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const csr = await createRequest(privateKey, "stranger");
    const enrolled = await service.enrol({ key, csr, name: "stranger", source: "127.0.0.1" });
    await service.close();
    if (enrolled.state !== "claimed") throw new Error("the other authority did not issue a certificate");
    return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: enrolled.chain };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
