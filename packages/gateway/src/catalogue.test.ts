import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** The catalogue of hostile input that a gateway must survive: nothing malformed reaches the device. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

const findingRules = ({ records }: Rig): unknown[] =>
  records.filter(({ kind }) => kind === "finding").map((record) => (record["finding"] as { rule: string }).rule);
const reasons = ({ records }: Rig): unknown[] =>
  records
    .filter(({ kind }) => kind === "transaction")
    .map((record) => (record["decision"] as { because?: string }).because);

describe("frames that cannot be one end the connection, with a record", () => {
  it.each([
    ["protocol id", "0001 cafe 0006 01 04 0000 0002"],
    ["length 0", "0001 0000 0000"],
    ["length 1", "0001 0000 0001 01"],
    ["length 255", "0001 0000 00ff 01 04 0000 0002"],
    ["length 260", "0001 0000 0104 01 04 0000 0002"],
    ["length 0xFFFA", "0001 0000 fffa 01 04 0000 0002"],
  ])("%s", async (_name, hex) => {
    const { open, reached } = await start();
    const client = await open();
    client.send(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    await client.end();
    expect(client.unread).toBe(0);
    expect(reached).toEqual([]);
    await expect.poll(() => findingRules(rig!)).toEqual(["frame-malformed"]);
  });

  it("answers what came before the bad frame", async () => {
    const { open } = await start();
    const client = await open();
    client.send(adu(1, 1, "83 00"));
    expect(await client.reply()).toBe("000100000003018301");
    client.send(Buffer.from("0002cafe0006010400000002", "hex"));
    await client.end();
  });

  it("closes a frame that never ends", async () => {
    const { open, reached } = await start({ limits: { frameTimeoutMs: 60 } });
    const client = await open();
    client.send(adu(1, 1, "10 0000 0002 04 0001 0002").subarray(0, 15));
    await client.end();
    expect(client.unread).toBe(0);
    expect(reached).toEqual([]);
    await expect.poll(() => findingRules(rig!)).toEqual(["frame-timeout"]);
  });
});

describe("malformed requests get their exception and are not forwarded", () => {
  it.each([
    ["FC 6 with 4 bytes", "06 0001 00", "8603"],
    ["FC 3 with a trailing byte", "03 0000 0001 00", "8303"],
    ["bare FC 3", "03", "8303"],
    ["FC 0", "00", "8001"],
    ["FC 0x83 keeps its code byte", "83 0000 0001", "8301"],
    ["reserved FC 9", "09 00", "8901"],
    ["reserved FC 90", "5a 00 02", "da01"],
    ["reserved FC 125", "7d 00", "fd01"],
    ["unassigned FC 18", "12 00", "9201"],
    ["user-defined FC 65 that no rule names", "41 aabb", "c101"],
    ["FC 1 quantity 0", "01 0000 0000", "8103"],
    ["FC 1 quantity 2001", "01 0000 07d1", "8103"],
    ["FC 3 quantity 126", "03 0000 007e", "8303"],
    ["FC 4 quantity 65535", "04 0000 ffff", "8403"],
    ["address and quantity beyond 65536", "03 ffff 0002", "8302"],
    ["FC 5 value 1234", "05 0001 1234", "8503"],
    ["FC 15 quantity 0", "0f 0000 0000 00", "8f03"],
    ["FC 15 byte count that is not the quantity's", "0f 0000 000a 01 ff", "8f03"],
    ["FC 16 quantity 0", "10 0000 0000 00", "9003"],
    ["FC 16 quantity 124", "10 0000 007c f8", "9003"],
    ["FC 16 with byte count right and data missing", "10 0000 0002 04 0001", "9003"],
    ["FC 23 write quantity that is not its byte count", "17 0000 0001 0000 0002 02 0001", "9703"],
    ["FC 23 read quantity 126", "17 0000 007e 0000 0001 02 0001", "9703"],
    ["FC 43 with an unknown MEI", "2b 0f 01 00", "ab01"],
    ["FC 43/14 with code 5", "2b 0e 05 00", "ab03"],
  ])("%s", async (_name, request, reply) => {
    const { open, reached } = await start({ role: "Operator" });
    const client = await open();
    client.send(adu(0x1234, 1, request));
    expect(await client.reply()).toBe(`12340000000301${reply}`);
    expect(reached).toEqual([]);
    // The stream stays aligned on the MBAP length.
    client.send(adu(2, 1, "03 0000 0001"));
    expect(await client.reply()).toBe("00020000000501030200" + "00");
    expect(reached).toHaveLength(1);
  });
});

describe("several ADUs in one segment", () => {
  it("are each judged alone and answered in order", async () => {
    const { open, reached } = await start();
    const client = await open();
    client.send(
      Buffer.concat([
        adu(1, 1, "03 0000 0001"),
        adu(2, 1, "06 0000 0001"),
        adu(3, 1, "04 0000 0001"),
        adu(4, 7, "03 0000 0001"),
      ]),
    );
    expect([await client.reply(), await client.reply(), await client.reply(), await client.reply()]).toEqual([
      "000100000005010302" + "0000",
      "000200000003018601",
      "000300000005010402" + "0000",
      "00040000000307830a",
    ]);
    expect(reached.map(({ kind }) => kind)).toEqual(["read-holding-registers", "read-input-registers"]);
  });

  it("work split at every byte", async () => {
    const { open } = await start();
    const client = await open();
    for (const byte of adu(1, 1, "03 0000 0001")) client.send(Uint8Array.of(byte));
    expect(await client.reply()).toBe("0001000000050103020000");
  });

  it("beyond what one connection may have outstanding are answered with 06, in order", async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { open, reached } = await start({
      limits: { outstandingPerConnection: 2 },
      device: { timeoutMs: 5_000 },
      handler: async () => {
        await gate;
        return { kind: "read-holding-registers", registers: Uint16Array.of(5) };
      },
    });
    const client = await open();
    client.send(Buffer.concat([1, 2, 3].map((transaction) => adu(transaction, 1, "03 0000 0001"))));
    await expect.poll(() => reasons(rig!)).toContain("outstanding");
    release();
    expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
      "0001000000050103020005",
      "0002000000050103020005",
      "000300000003018306",
    ]);
    expect(reached).toHaveLength(2);
  });
});

describe("who asks", () => {
  it("an unknown source is closed and recorded", async () => {
    const { open } = await start();
    const client = await open("127.0.0.2");
    await client.end();
    await expect.poll(() => findingRules(rig!)).toEqual(["unknown-source"]);
  });

  it("a source whose identity is not active is closed", async () => {
    const { open } = await start({ subjects: [{ id: "hmi", kind: "client", role: "Viewer", state: "suspended" }] });
    const client = await open();
    await client.end();
    await expect.poll(() => findingRules(rig!)).toEqual(["identity-refused"]);
  });

  it("a subject without a role gets 01 on everything, also for unknown units and malformed bodies", async () => {
    const { open } = await start({ subjects: [{ id: "hmi", kind: "client", role: null, state: "active" }] });
    const client = await open();
    client.send(Buffer.concat([adu(1, 1, "03 0000 0001"), adu(2, 99, "03 0000 0001"), adu(3, 1, "03 0000 0000")]));
    expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
      "000100000003018301",
      "000200000003638301",
      "000300000003018301",
    ]);
    expect(new Set(reasons(rig!))).toEqual(new Set(["unknown-subject"]));
  });

  it("a session that a new snapshot does not allow is closed at once", async () => {
    const { open } = await start();
    const client = await open();
    client.send(adu(1, 1, "03 0000 0001"));
    await client.reply();
    const policy = { text: "policy: 1\nmode: enforce\nroles: [Viewer]\nrules: []\n", file: "policy.yaml" };
    expect(rig!.apply({ subjects: [{ id: "hmi", kind: "client", role: "Viewer", state: "revoked" }], policy })).toBe(1);
    await client.end();
    await expect.poll(() => findingRules(rig!)).toEqual(["identity-revoked"]);
  });
});

describe("writes that look like reads", () => {
  it("FC 23 by a read-only role is refused", async () => {
    const { open, reached } = await start();
    const client = await open();
    client.send(adu(1, 1, "17 0000 0001 0000 0001 02 0001"));
    expect(await client.reply()).toBe("000100000003019701");
    expect(reached).toEqual([]);
  });

  it("FC 22 by a read-only role is refused", async () => {
    const { open, reached } = await start();
    const client = await open();
    client.send(adu(1, 1, "16 0004 00f2 0025"));
    expect(await client.reply()).toBe("000100000003019601");
    expect(reached).toEqual([]);
  });
});
