import { createMemoryHandler, createServer, type ModbusServer } from "@modwarden/modbus";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Enrolled, type TestAuthority } from "./testing/authority.ts";
import { adu, type Rig, startRig } from "./testing/rig.ts";
import { findingsOf } from "./testing/tls.ts";

/** Devices over TLS: the gateway shows who it is, and speaks to nobody but the device that is registered. */
let authority: TestAuthority;
let meter: Enrolled;
let rig: Rig | undefined;
const servers: ModbusServer[] = [];
beforeAll(async () => {
  authority = await createAuthority();
  meter = await authority.enrol("meter", { kind: "device", roles: [], names: ["127.0.0.1"] });
});
afterAll(() => authority.close());
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
  for (const server of servers.splice(0)) await server.close();
});

const unreached = "00010000000302830a";
const answered = "0001000000050203020000";

/** A device that shows `holder`'s certificate; `roles` is filled with whom it was asked by. */
async function device(holder: Enrolled, roles: unknown[] = []): Promise<number> {
  const { key, cert, ca } = holder.options as { readonly key: string; readonly cert: string; readonly ca: string[] };
  const server = createServer(createMemoryHandler(), {
    tls: { key, cert, ca },
    authorize: (_request, { role }) => {
      roles.push(role);
      return true;
    },
  });
  servers.push(server);
  const { port } = await server.listen("modbus+tls://127.0.0.1:0");
  return port;
}

async function start(port: number): Promise<Rig> {
  rig = await startRig({
    tls: authority.tls,
    subjects: [...authority.service.subjectsSnapshot(), { id: "hmi", kind: "client", role: "Viewer", state: "active" }],
    moreDevices: [
      {
        id: "meter",
        unit: 2,
        transport: "tls",
        host: "127.0.0.1",
        port,
        deviceUnit: 1,
        outstanding: 1,
        timeoutMs: 500,
      },
    ],
    skipRegistering: ["meter"],
  });
  return rig;
}

async function ask({ open }: Rig): Promise<string> {
  const client = await open();
  client.send(adu(1, 2, "03 0000 0001"));
  return await client.reply();
}

describe("a device over TLS", () => {
  it("is asked by the gateway's own certificate and role when it shows the one it has enrolled", async () => {
    const roles: unknown[] = [];
    const line = await start(await device(meter, roles));
    expect(await ask(line)).toBe(answered);
    expect(roles).toEqual(["Gateway"]);
  });

  it("is let go of at once when it is revoked, and not reached again", async () => {
    const other = await authority.enrol("meter-2", { kind: "device", roles: [], names: ["127.0.0.1"] });
    const line = await start(await device(meter));
    expect(await ask(line)).toBe(answered);
    expect(line.line.devices()[1]).toMatchObject({ id: "meter", state: "up" });
    // Its certificate was replaced: the connection that stands shows another one than is registered now.
    const record = authority.service.subjectsSnapshot().find(({ id }) => id === "meter");
    line.change({ records: [{ ...record!, fingerprint: other.fingerprint }], gone: [] });
    await expect.poll(() => line.line.devices()[1]?.state).toBe("back-off");
    expect(await ask(line)).toBe(unreached);
    line.change({ records: [{ ...record!, state: "revoked" }], gone: [] });
    expect(await ask(line)).toBe(unreached);
    expect(line.records.findLast(({ kind }) => kind === "transaction")).toMatchObject({
      decision: { permit: false, because: "route", failed: 'the device "meter" is revoked' },
    });
  });

  it("is not reached when another identity of the site answers in its place", async () => {
    const operator = await authority.enrol("drive", { kind: "device", roles: [], names: ["127.0.0.1"] });
    const line = await start(await device(operator));
    expect(await ask(line)).toBe(unreached);
    expect(findingsOf(line)).toMatchObject([{ rule: "device-identity" }]);
  });

  it("is not reached when no authority of the site vouches for it", async () => {
    const elsewhere = await createAuthority();
    try {
      const stranger = await elsewhere.enrol("meter", { kind: "device", roles: [], names: ["127.0.0.1"] });
      const { ca } = meter.options;
      const line = await start(
        await device({
          ...stranger,
          options: { ...stranger.options, ca: [ca, stranger.options.ca].flat() as string[] },
        }),
      );
      expect(await ask(line)).toBe(unreached);
      expect(findingsOf(line)).toMatchObject([{ rule: "device-identity" }]);
    } finally {
      await elsewhere.close();
    }
  });
});
