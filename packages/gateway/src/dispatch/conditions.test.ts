import { noReply, ServerException } from "@modwarden/modbus";
import { afterEach, describe, expect, it, vi } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "../testing/rig.ts";
import {
  decisions,
  done,
  type OtherDevice,
  otherDevice,
  pdu,
  policyText,
  reached,
  refused,
  SETPOINT,
  setpointDevice,
  write,
} from "../testing/setpoint.ts";
import { boundObjects, type Grant } from "./grants.ts";

/** Interlocks, rates, approvals, slews and places, judged where a request leaves; and what changes meanwhile. */
let rig: Rig | undefined;
let other: OtherDevice | undefined;
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
  await other?.close();
  other = undefined;
});

async function start(policy: string, options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", policy, handler: setpointDevice(), ...options });
  return rig;
}

const setpoint = "functions: [6], addresses: [16]";
const because = (reason: string): unknown => expect.objectContaining({ permit: false, because: reason });

const valve = {
  text: `profile: 1
device: { vendor: Test, model: Valve, kind: valve, verified: docs }
blocks: [ { table: holding, address: 0, count: 10 } ]
points: [ { id: state, table: holding, address: 3, type: u16, access: r, bits: { 2: alarm } } ]
`,
  file: "valve.yaml",
};
const interlocked: string = policyText(
  ["setpoint", setpoint, "", `, interlock: { point: valve.state.alarm, equals: 0, maxAgeMs: 1000 }`],
  ["free", "functions: [6], addresses: [100-199]"],
);
const state = (word: number) => () => ({ kind: "read-holding-registers", registers: Uint16Array.of(word) }) as const;

describe("an interlock on another device", () => {
  it("is read there by the gateway, and again when what is known is too old", async () => {
    let word = 0;
    other = await otherDevice(() => state(word)());
    const { open } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 90)]));
    expect((await client.replies(2)).map(pdu)).toEqual([done(50), done(90)]);
    word = 4;
    rig!.pass(2_000);
    client.send(write(3, 50));
    expect(pdu(await client.reply())).toBe(refused);
    expect(other.reached).toMatchObject([
      { address: 3, quantity: 1 },
      { address: 3, quantity: 1 },
    ]);
    expect(reached(rig!)).toEqual([50, 90]);
    expect(decisions(rig!)).toContainEqual(because("interlock"));
  });

  it("keeps its place while it is read; other clients go on, those behind it wait", async () => {
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    other = await otherDevice(
      async () => {
        await gate;
        return state(0)();
      },
      { timeoutMs: 5_000 },
    );
    const { open } = await start(interlocked, {
      device: { timeoutMs: 5_000 },
      moreDevices: [{ ...other.configuration, profile: valve }],
    });
    const [first, second] = [await open(), await open()];
    first.send(Buffer.concat([write(1, 50), write(2, 7, 100)]));
    await expect.poll(() => other!.reached.length).toBe(1);
    second.send(Buffer.concat([write(3, 8, 100), write(4, 9, 100)]));
    await second.replies(2);
    expect(first.unread).toBe(0);
    answer();
    expect((await first.replies(2)).map(pdu)).toEqual([done(50), "0600640007"]);
    expect(reached(rig!)).toEqual([8, 9, 50, 7]);
  });

  it("that cannot be read refuses when the device's time is over", async () => {
    other = await otherDevice(() => noReply);
    const { open } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 7, 100)]));
    expect((await client.replies(2)).map(pdu)).toEqual([refused, "0600640007"]);
    expect(decisions(rig!)).toContainEqual(because("interlock"));
  });

  it("whose device is barred refuses, and nothing is asked of it", async () => {
    other = await otherDevice(state(0));
    const { open } = await start(interlocked, {
      moreDevices: [{ ...other.configuration, profile: valve }],
      skipRegistering: ["valve"],
    });
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(refused);
    expect(other.reached).toEqual([]);
  });

  it("whose device was barred since refuses, however fresh what it said is", async () => {
    other = await otherDevice(state(0));
    const { open } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(done(50));
    rig!.change({ records: [{ id: "valve", kind: "device", role: null, state: "suspended" }], gone: [] });
    client.send(write(2, 50));
    expect(pdu(await client.reply())).toBe(refused);
    expect(reached(rig!)).toEqual([50]);
  });

  it("does not reach what it waits for when its client goes", async () => {
    other = await otherDevice(() => noReply, { timeoutMs: 5_000 });
    const { open, records } = await start(interlocked, {
      moreDevices: [{ ...other.configuration, profile: valve }],
    });
    const client = await open();
    client.send(write(1, 50));
    await expect.poll(() => other!.reached.length).toBe(1);
    client.socket.resetAndDestroy();
    await expect
      .poll(() => records.map(({ outcome }) => outcome))
      .toContainEqual(expect.objectContaining({ result: "closed" }));
    expect(reached(rig!)).toEqual([]);
  });
});

describe("another policy while a request waits", () => {
  it("judges it at once, and nothing leaves that it does not permit", async () => {
    other = await otherDevice(() => noReply, { timeoutMs: 5_000 });
    const { open } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const [first, second] = [await open(), await open()];
    first.send(write(1, 50));
    await expect.poll(() => other!.reached.length).toBe(1);
    rig!.apply({
      policy: { text: policyText(["elsewhere", "functions: [6], addresses: [100]"]), file: "policy.yaml" },
    });
    expect(pdu(await first.reply())).toBe(refused);
    rig!.apply({ policy: { text: interlocked, file: "policy.yaml" } });
    second.send(write(2, 51));
    await expect.poll(() => rig!.line.devices()[0]?.queued).toBe(1);
    for (let swap = 0; swap < 20; swap += 1) {
      rig!.apply({});
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(second.unread).toBe(0);
    rig!.apply({ policy: { text: policyText(["setpoint", setpoint]), file: "policy.yaml" } });
    expect(pdu(await second.reply())).toBe(done(51));
    expect(reached(rig!)).toEqual([51]);
    expect(other.reached).toHaveLength(1);
  });

  it("leaves nothing of a wait that the next request in its place could be taken for", async () => {
    let word: number | undefined;
    other = await otherDevice(() => (word === undefined ? noReply : state(word)()), { timeoutMs: 200 });
    const { open } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const client = await open();
    client.send(write(1, 50));
    await expect.poll(() => other!.reached.length).toBe(1);
    rig!.apply({ policy: { text: policyText(["setpoint", setpoint]), file: "policy.yaml" } });
    expect(pdu(await client.reply())).toBe(done(50));
    await expect.poll(() => rig!.line.slots.inUse).toBe(0);
    rig!.pass(2_000);
    await expect.poll(() => rig!.line.devices()[0]?.queued).toBe(0);
    word = 0;
    rig!.apply({ policy: { text: interlocked, file: "policy.yaml" } });
    // The place of the first one, and that of the read that was made for it.
    client.send(Buffer.concat([adu(2, 1, "03 0010 0001"), write(3, 51)]));
    expect((await client.replies(2)).map(pdu)).toEqual(["03020032", done(51)]);
  });
});

describe("a rate", () => {
  const twice = (more: string): string =>
    policyText(["setpoint", setpoint, `, rate: { requests: 1, perSeconds: 3600, burst: 2 }${more}`]);

  it("is exception 06 beyond its burst, and another policy is no new burst", async () => {
    const { open, line } = await start(twice(""));
    const client = await open();
    client.send(Buffer.concat([write(1, 1), write(2, 2), write(3, 3)]));
    expect((await client.replies(3)).map(pdu)).toEqual([done(1), done(2), "8606"]);
    expect(decisions(rig!)).toContainEqual(because("rate"));
    rig!.apply({ policy: { text: twice(", mode: enforce"), file: "policy.yaml" } });
    client.send(write(4, 4));
    expect(pdu(await client.reply())).toBe("8606");
    expect(line.counters.refusedRate).toBe(2);
    expect(reached(rig!)).toEqual([1, 2]);
  });

  it("is not used up by what another condition refuses", async () => {
    const { open } = await start(
      policyText(["setpoint", `${setpoint}, maxStep: 10`, ", rate: { requests: 1, perSeconds: 3600 }"]),
    );
    const client = await open();
    client.send(Buffer.concat([write(1, 90), write(2, 50), write(3, 51)]));
    expect((await client.replies(3)).map(pdu)).toEqual([refused, done(50), "8606"]);
  });
});

describe("an approval", () => {
  const approved = policyText(["reset", setpoint, ", approval: { people: 2, ttl: 15m }"]);
  const access = { device: "device", unit: 1, table: "holding", address: SETPOINT, quantity: 1, write: true } as const;
  const grant = (value: number, more: Partial<Grant> = {}): Grant => ({
    ...{ id: `a${value}`, rules: ["reset"], people: 2, subject: "hmi", device: "device" },
    policy: rig!.line.policy.hash,
    objects: boundObjects({ functionCode: 16, accesses: [{ ...access, values: [value] }] }),
    expiresMs: Date.now() + 60_000,
    ...more,
  });

  it("is used once, for exactly what was approved, and control is told", async () => {
    const { open, line } = await start(approved);
    const used: string[] = [];
    line.onGrantUsed = (id) => used.push(id);
    const client = await open();
    const ask = async (transaction: number, value: number): Promise<string> => {
      client.send(write(transaction, value));
      return pdu(await client.reply());
    };
    expect(await ask(1, 50)).toBe(refused);
    expect(line.grant(grant(50))).toBe(true);
    expect(await ask(2, 51)).toBe(refused);
    expect(used).toEqual([]);
    client.send(Buffer.concat([write(3, 50), write(4, 50)]));
    expect((await client.replies(2)).map(pdu)).toEqual([done(50), refused]);
    expect(used).toEqual(["a50"]);
    expect(decisions(rig!)).toContainEqual(because("approval"));
    expect(line.withdraw("a50")).toBe(false);
  });

  it("that has expired, was withdrawn, or is of fewer people than the rule asks for is none", async () => {
    const { open, line } = await start(approved);
    line.grant(grant(50, { expiresMs: Date.now() - 1 }));
    line.grant(grant(51, { people: 1 }));
    line.grant(grant(52));
    expect(line.withdraw("a52")).toBe(true);
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 51), write(3, 52)]));
    expect((await client.replies(3)).map(pdu)).toEqual([refused, refused, refused]);
    expect(reached(rig!)).toEqual([]);
  });

  it("beyond the bound of the line is not taken, and counted", async () => {
    const { line } = await start(approved, { limits: { grants: 1 } });
    expect([line.grant(grant(50)), line.grant(grant(51))]).toEqual([true, false]);
    expect(line.counters.refusedGrants).toBe(1);
  });
});

describe("a slew", () => {
  it("is of everything the point was within its time, also across policies", async () => {
    const slew = (seconds: number): string =>
      policyText(["setpoint", `${setpoint}, maxStep: 10, perSeconds: ${seconds}`]);
    const { open } = await start(slew(3600));
    const client = await open();
    client.send(Buffer.concat([write(1, 45), write(2, 50), write(3, 55), write(4, 38)]));
    expect((await client.replies(4)).map(pdu)).toEqual([done(45), done(50), refused, refused]);
    rig!.apply({ policy: { text: slew(1800), file: "policy.yaml" } });
    client.send(Buffer.concat([write(5, 51), write(6, 49)]));
    expect((await client.replies(2)).map(pdu)).toEqual([refused, done(49)]);
    expect(decisions(rig!)).toContainEqual(because("slew"));
  });

  it("counts what a device may have done and has not confirmed", async () => {
    let answers = 0;
    const memory = setpointDevice();
    const { open } = await start(policyText(["setpoint", `${setpoint}, maxStep: 10, perSeconds: 3600`]), {
      handler: {
        ...memory,
        "write-single-register": (request) => {
          answers += 1;
          if (answers === 1) throw new ServerException(4);
          return request;
        },
      },
    });
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 36), write(3, 45)]));
    expect((await client.replies(3)).map(pdu)).toEqual(["8604", refused, done(45)]);
  });
});

describe("where and when", () => {
  it.each([
    [", listeners: ['modbus+tcp://127.0.0.1:0'], gateways: [gw1], sites: [test]", done(50)],
    [", listeners: ['modbus+tcp://127.0.0.1:1']", refused],
    [", gateways: [gw2]", refused],
    [", zones: [hall-2]", refused],
    [", hours: 'Mon-Sun 00:00-24:00', tz: UTC", done(50)],
  ])("%s", async (when, reply) => {
    const { open } = await start(policyText(["setpoint", setpoint, "", when]));
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(reply);
  });

  it("who: by tag, as of now", async () => {
    const hmi = { id: "hmi", kind: "client", role: "Operator", state: "active" } as const;
    const policy = policyText(["setpoint", setpoint]).replace(
      "id: setpoint, permit: { roles: [Operator] }",
      "id: setpoint, permit: { tags: [hall-2], kinds: [client] }",
    );
    const { open } = await start(policy, { subjects: [hmi] });
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(refused);
    rig!.apply({ subjects: [{ ...hmi, tags: ["hall-2"] }] });
    client.send(Buffer.concat([write(2, 50), adu(3, 1, "03 0010 0001")]));
    expect((await client.replies(2)).map(pdu)).toEqual([done(50), "03020032"]);
  });
});

describe("a policy in shadow mode", () => {
  it("has read what it wants to know, forwards, uses nothing up, and says what it would have refused", async () => {
    const policy = policyText(["setpoint", `${setpoint}, maxStep: 10`, ", rate: { requests: 1, perSeconds: 3600 }"]);
    const { open } = await start(policy.replace("mode: enforce", "mode: shadow"));
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 90), write(3, 90)]));
    expect((await client.replies(3)).map(pdu)).toEqual([done(50), done(90), done(90)]);
    expect(reached(rig!)).toEqual(["read", 50, 90, 90]);
    await expect
      .poll(() => decisions(rig!))
      .toMatchObject([
        { rules: ["gateway:state"] },
        { permit: true, rules: ["setpoint"] },
        { permit: true, shadow: { permit: false, because: "step" } },
        { permit: true, shadow: { permit: false, because: "rate" } },
      ]);
  });

  it("of one rule decides nothing and says what it would", async () => {
    const policy = policyText(
      ["setpoint", setpoint],
      ["tried", setpoint, ", mode: shadow, rate: { requests: 1, perSeconds: 3600 }"],
    );
    const forbid = `  - { id: alarm, forbid: { roles: "*" }, mode: shadow, units: [1], deny: [{ functions: [6] }] }\n`;
    const { open } = await start(policy + forbid);
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(done(50));
    await expect
      .poll(() => decisions(rig!))
      .toMatchObject([
        { permit: true, rules: ["setpoint"], shadow: { permit: false, because: "forbid", rules: ["alarm"] } },
      ]);
  });
});

describe("what must not happen", () => {
  it("refuses the request that it happened to, with a finding, and the line goes on", async () => {
    const { open, line, records } = await start(policyText(["setpoint", `${setpoint}, maxStep: 10`]));
    const client = await open();
    const { policy } = line;
    const broken = vi.spyOn(line, "policy", "get").mockReturnValue({
      ...policy,
      needs: () => {
        throw new TypeError("a defect");
      },
    });
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe("8604");
    broken.mockRestore();
    expect(line.counters.closedErrors).toBe(1);
    expect(records).toMatchObject([{ findings: [{ rule: "internal-error", evidence: "a defect" }] }]);
    client.send(write(2, 50));
    expect(pdu(await client.reply())).toBe(done(50));
  });

  it("when another policy judges what waits, too", async () => {
    other = await otherDevice(() => noReply, { timeoutMs: 5_000 });
    const { open, line } = await start(interlocked, { moreDevices: [{ ...other.configuration, profile: valve }] });
    const client = await open();
    client.send(write(1, 50));
    await expect.poll(() => other!.reached.length).toBe(1);
    const { policy } = line;
    const broken = vi.spyOn(line, "policy", "get").mockReturnValue({
      ...policy,
      screen: () => {
        throw new TypeError("a defect");
      },
    });
    rig!.apply({});
    expect(pdu(await client.reply())).toBe("8604");
    broken.mockRestore();
    client.send(write(2, 7, 100));
    expect(pdu(await client.reply())).toBe("0600640007");
  });
});
