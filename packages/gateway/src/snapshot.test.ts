import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ListenError } from "./index.ts";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** What changes while the line runs: who is registered, what is permitted, and what goes wrong inside. */
let rig: Rig | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", ...options });
  return rig;
}

const nobodyMay = { text: "policy: 1\nmode: enforce\nroles: [Operator]\nrules: []\n", file: "policy.yaml" };
const hmi = { id: "hmi", kind: "client", role: "Operator", state: "active" } as const;
const write = (transaction: number): Buffer => adu(transaction, 1, "06 0010 0001");

/** A device that answers a request when it is told to. */
function gated(): { readonly options: RigOptions; release(): void } {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    options: {
      device: { timeoutMs: 5_000 },
      handler: async (request) => {
        await gate;
        if (request.kind !== "write-single-register") throw new Error("only writes are expected");
        return request;
      },
    },
    release: () => release(),
  };
}

describe("a new snapshot", () => {
  it("lets nothing leave that was permitted by the old one only", async () => {
    const { options, release } = gated();
    const { open, reached } = await start(options);
    const client = await open();
    client.send(Buffer.concat([write(1), write(2), write(3)]));
    await expect.poll(() => reached.length).toBe(1);
    expect(rig!.apply({ policy: nobodyMay })).toBe(0);
    release();
    expect(await client.replies(3)).toEqual([
      "000100000006" + "010600100001",
      "000200000003018601",
      "000300000003018601",
    ]);
    expect(reached).toHaveLength(1);
  });

  it("does not change on whose behalf a request on its way is recorded", async () => {
    const { options, release } = gated();
    const { open, reached, records } = await start(options);
    const client = await open();
    client.send(Buffer.concat([write(1), write(2)]));
    await expect.poll(() => reached.length).toBe(1);
    expect(rig!.apply({ subjects: [{ ...hmi, state: "revoked" }] })).toBe(1);
    await client.end();
    release();
    const transactions = (): unknown[] => records.filter(({ kind }) => kind === "transaction");
    await expect.poll(() => transactions().length).toBe(2);
    const subject = { id: "hmi", role: "Operator" };
    expect(transactions()).toMatchObject([
      { subject, decision: { permit: true }, outcome: { result: "closed" } },
      { subject, decision: { permit: true }, outcome: {} },
    ]);
    expect(reached).toHaveLength(1);
  });

  it("decides which devices are reached: only those that are registered and active", async () => {
    const { open, reached, line } = await start();
    const client = await open();
    const subjects = (device: object): object[] => [hmi, { id: "device", kind: "device", role: null, ...device }];
    const states = [{ state: "suspended" }, { state: "active" }, { state: "active", kind: "client" }];
    const replies: string[] = [];
    for (const [index, state] of states.entries()) {
      line.apply({
        epoch: 10 + index,
        subjects: subjects(state) as Parameters<typeof line.apply>[0]["subjects"],
        policy: { text: nobodyMay.text.replace("rules: []", permitAll), file: "policy.yaml" },
      });
      client.send(write(1));
      replies.push((await client.reply()).slice(14));
    }
    expect(replies).toEqual(["860a", "0600100001", "860a"]);
    expect(reached).toHaveLength(1);
  });

  it("that cannot be read changes nothing", async () => {
    const { open, line } = await start();
    const client = await open();
    expect(() => rig!.apply({ policy: { text: "policy: 2", file: "policy.yaml" } })).toThrow(
      expect.objectContaining({ code: "ERR_DOCUMENT" }),
    );
    expect(line.epoch).toBe(1);
    client.send(write(1));
    expect(await client.reply()).toBe("000100000006" + "010600100001");
  });
});

const permitAll =
  "rules: [{ id: all, permit: { roles: [Operator] }, units: [1], allow: [{ functions: [6] }], when: { transports: [tcp] } }]";

describe("a registered network", () => {
  it("narrows the one that the site file gives to an identity", async () => {
    const { open, records } = await start({ subjects: [{ ...hmi, source: "10.0.0.0/8" }] });
    await (await open()).end();
    await expect
      .poll(() => records.map((record) => (record["finding"] as { rule?: string } | undefined)?.rule))
      .toEqual(["identity-refused"]);
    rig!.apply({ subjects: [{ ...hmi, source: "127.0.0.0/8" }] });
    const client = await open();
    client.send(write(1));
    expect(await client.reply()).toBe("000100000006" + "010600100001");
  });
});

describe("what must not happen", () => {
  it("ends the connection that it happened to, with a finding, and not the line", async () => {
    const { open, line, records } = await start();
    const unlucky = await open();
    const other = await open();
    const broken = vi.spyOn(line, "policy", "get").mockImplementation(() => {
      throw new TypeError("a defect");
    });
    unlucky.send(write(1));
    await unlucky.end();
    broken.mockRestore();
    expect(line.slots.inUse).toBe(0);
    expect(line.counters.closedErrors).toBe(1);
    await expect.poll(() => records).toMatchObject([{ finding: { rule: "internal-error", evidence: "a defect" } }]);
    other.send(write(1));
    expect(await other.reply()).toBe("000100000006" + "010600100001");
  });
});

describe("a line that cannot listen", () => {
  it("says where and why, and holds nothing", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const failing = startRig({ moreListeners: [{ port }] });
    await expect(failing).rejects.toBeInstanceOf(ListenError);
    await expect(failing).rejects.toMatchObject({ code: "ERR_LINE_LISTEN", cause: { code: "EADDRINUSE" } });
    taken.close();
  });
});
