import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** The one order of judgement, where several things are wrong at once, and where requests go. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

const profile = {
  text: `profile: 1
device: { vendor: Test, model: Small, kind: drive, verified: docs }
blocks: [ { table: holding, address: 0, count: 10 } ]
points:
  - { id: speed, table: holding, address: 0, type: u16, access: r }
  - { id: setpoint, table: holding, address: 1, type: u16, access: rw }
`,
  file: "small.yaml",
};
const policy = `
policy: 1
mode: enforce
roles: [Operator]
rules:
  - { id: reads, permit: { roles: [Operator] }, units: [1], allow: [{ functions: [3] }] }
  - { id: writes, permit: { roles: [Operator] }, units: [1], allow: [{ functions: [6], addresses: [0-50] }], when: { transports: [tcp] } }
`;
const operator = [{ id: "hmi", kind: "client", role: "Operator", state: "active" }] as const;
const nobody = [{ id: "hmi", kind: "client", role: null, state: "active" }] as const;

describe("the order of judgement", () => {
  it.each([
    // What is asked, by whom, and which of the things that are wrong with it is the one that counts.
    ["an unknown function before an unknown subject", nobody, adu(1, 9, "5a 00"), "da01", "function"],
    ["the subject before a malformed body", nobody, adu(1, 9, "03 0000 0000"), "8301", "unknown-subject"],
    ["the subject before the route", nobody, adu(1, 9, "03 0000 0001"), "8301", "unknown-subject"],
    ["the body before arithmetic", operator, adu(1, 9, "03 ffff ffff"), "8303", "malformed"],
    ["arithmetic before the route", operator, adu(1, 9, "03 ffff 0002"), "8302", "malformed"],
    ["the route before the policy", operator, adu(1, 9, "04 0000 0001"), "840a", "route"],
    ["the policy before the profile", operator, adu(1, 1, "06 0060 0001"), "8601", "no-permit"],
    ["the profile last: outside", operator, adu(1, 1, "03 0005 0010"), "8302", "profile"],
    ["the profile last: not writable", operator, adu(1, 1, "06 0000 0001"), "8602", "profile"],
  ] as const)("%s", async (_name, subjects, request, reply, because) => {
    const { open, reached, records } = await start({ policy, subjects, device: { profile } });
    const client = await open();
    client.send(request);
    expect((await client.reply()).slice(14)).toBe(reply);
    expect(records).toMatchObject([{ decision: { permit: false, because } }]);
    expect(reached).toEqual([]);
  });

  it("limits come after the policy and before the profile", async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { open } = await start({
      policy,
      subjects: operator,
      device: { profile, timeoutMs: 5_000 },
      limits: { outstandingPerConnection: 1 },
      handler: async () => {
        await gate;
        return { kind: "read-holding-registers", registers: Uint16Array.of(5) };
      },
    });
    const client = await open();
    client.send(
      Buffer.concat([
        adu(1, 1, "03 0000 0001"),
        adu(2, 1, "06 0060 0001"),
        adu(3, 1, "06 0000 0001"),
        adu(4, 1, "03 0000 0001"),
      ]),
    );
    await expect.poll(() => rig!.records.length).toBe(3);
    release();
    expect((await client.replies(4)).map((reply) => reply.slice(14))).toEqual(["03020005", "8601", "8606", "8306"]);
  });
});

describe("units", () => {
  it.each([0, 2, 247, 248, 251, 254, 255])("%i without a device that claims it has no route", async (unit) => {
    const { open, reached } = await start();
    const client = await open();
    client.send(adu(1, unit, "03 0000 0001"));
    expect((await client.reply()).slice(12)).toBe(`${unit.toString(16).padStart(2, "0")}830a`);
    expect(reached).toEqual([]);
  });

  it.each([0, 255])("%i is a device where the site says so", async (unit) => {
    const anyUnit = `
policy: 1
mode: enforce
roles: [Viewer]
rules: [{ id: reads, permit: { roles: [Viewer] }, devices: [device], allow: [{ functions: [3] }] }]
`;
    const { open, reached } = await start({ device: { unit }, policy: anyUnit });
    const client = await open();
    client.send(adu(1, unit, "03 0000 0001"));
    expect((await client.reply()).slice(14)).toBe("03020000");
    expect(reached).toHaveLength(1);
  });

  it("may mean different devices on different listeners", async () => {
    const other = { id: "other", unit: 1, host: "127.0.0.1", port: 1, deviceUnit: 1, outstanding: 1, timeoutMs: 500 };
    const { open, tlsPort } = await start({
      moreDevices: [{ ...other, unit: 2 }],
      moreListeners: [{ devices: [] }],
    });
    const client = await open();
    client.send(adu(1, 1, "03 0000 0001"));
    expect((await client.reply()).slice(14)).toBe("03020000");
    const elsewhere = connect({ host: "127.0.0.1", port: tlsPort });
    const answer = new Promise<Buffer>((resolve) => elsewhere.once("data", resolve));
    elsewhere.write(adu(1, 1, "03 0000 0001"));
    expect((await answer).subarray(7).toString("hex")).toBe("830a");
    elsewhere.destroy();
  });
});

describe("a source of IPv6", () => {
  it("is known by its address, bracketed in the record", async () => {
    const { tlsPort, records } = await start({
      moreListeners: [{ host: "::1", sources: [{ network: "::1/128", subject: "hmi" }] }],
    });
    const client = connect({ host: "::1", port: tlsPort });
    const answer = new Promise<Buffer>((resolve) => client.once("data", resolve));
    client.write(adu(1, 1, "03 0000 0001"));
    expect((await answer).subarray(7).toString("hex")).toBe("03020000");
    await expect.poll(() => records.length).toBe(1);
    expect(records[0]).toMatchObject({ subject: { id: "hmi" }, location: { source: `[::1]:${client.localPort}` } });
    client.destroy();
  });
});
