import { afterEach, describe, expect, test } from "vitest";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { adu } from "../testing/adu.ts";
import { MemoryDialler } from "../testing/dialler.ts";
import { Backoff, type ReconnectOptions } from "./backoff.ts";
import type { ClientOptions } from "./client.ts";
import { connect } from "./connect.ts";
import { ReconnectingClient } from "./reconnecting.ts";

const quick: ReconnectOptions = { minMs: 2, maxMs: 8 };
const open: ReconnectingClient[] = [];

function begin(dialler: MemoryDialler, reconnect: ReconnectOptions = quick, options: ClientOptions = {}) {
  const client = new ReconnectingClient(dialler, options, reconnect);
  open.push(client);
  const states: string[] = [];
  client.onState(({ state }) => states.push(state));
  const reached = (state: string) => expect.poll(() => client.state, { interval: 1 }).toBe(state);
  return { client, states, reached };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

/** Answers one read of one register. */
async function answer(dialler: MemoryDialler, value: number): Promise<void> {
  const { device } = dialler;
  const request = await device.take(12);
  device.write(adu((request[0]! << 8) | request[1]!, request[6]!, `03 02 ${value.toString(16).padStart(4, "0")}`));
}

describe("a client that reconnects", () => {
  test("comes back, and its views with it", async () => {
    const dialler = new MemoryDialler();
    const { client, states, reached } = begin(dialler);
    await client.first();
    const view = client.unit(3);
    dialler.device.link.end();
    await reached("waiting");
    await reached("connected");
    const read = view.readHoldingRegisters(0, 1);
    await answer(dialler, 7);
    expect([...(await read)]).toEqual([7]);
    expect(states).toEqual(["connected", "waiting", "connecting", "connected"]);
    expect(dialler.dials).toBe(2);
  });

  test("what is on the wire or waits for its turn is rejected and never sent again", async () => {
    const dialler = new MemoryDialler();
    const { client, reached } = begin(dialler);
    await client.first();
    const reads = [client.readHoldingRegisters(1, 1), client.readHoldingRegisters(2, 1)];
    await dialler.device.take(12);
    dialler.device.link.destroy();
    const settled = await Promise.allSettled(reads);
    expect(settled).toMatchObject([
      { reason: { code: "ERR_MODBUS_CLOSED", sent: true } },
      { reason: { code: "ERR_MODBUS_CLOSED", sent: false } },
    ]);
    await reached("connected");
    const again = client.readHoldingRegisters(3, 1);
    const request = await dialler.device.take(12);
    expect([...request.subarray(8, 10)]).toEqual([0, 3]);
    dialler.device.write(adu(0, 1, "03 02 0009"));
    await again;
    expect(dialler.device.waiting).toBe(0);
  });

  test("without a connection a request is rejected at once", async () => {
    const dialler = new MemoryDialler();
    dialler.plans.push("never");
    const { client } = begin(dialler);
    void client.attempt();
    await expect(client.readCoils(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
    await expect(client.raw(Uint8Array.of(7))).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
    expect(client.state).toBe("connecting");
  });

  test("or waits for one when it may, as many as may, as long as it may, and while its caller likes", async () => {
    const dialler = new MemoryDialler();
    dialler.plans.push("refused");
    const { client } = begin(dialler, { ...quick, queueWhileDownMs: 1000 }, { queue: 2 });
    const controller = new AbortController();
    const given = client.readHoldingRegisters(0, 1, { signal: controller.signal });
    const kept = client.readHoldingRegisters(0, 1);
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_QUEUE_FULL" });
    await expect(client.readCoils(0, 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ERR_MODBUS_ABORTED",
    });
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: "ERR_MODBUS_ABORTED" });
    await client.attempt();
    await expect.poll(() => dialler.devices.length).toBe(1);
    await answer(dialler, 5);
    expect([...(await kept)]).toEqual([5]);

    const far = new MemoryDialler();
    far.plans.push("never");
    const patient = begin(far, { ...quick, queueWhileDownMs: 5 });
    void patient.client.attempt();
    await expect(patient.client.readCoils(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
  });

  test("closing it settles everything, in every state", async () => {
    for (const plans of [["never"], ["refused", "refused"], []] as const) {
      const dialler = new MemoryDialler();
      dialler.plans.push(...plans);
      const { client, states } = begin(dialler, { minMs: 1000, queueWhileDownMs: 1000 });
      const read = client.readCoils(0, 1);
      read.catch(() => undefined);
      const attempt = client.attempt();
      if (plans[0] !== "never") await attempt;
      await client.close();
      await client.closed;
      await expect(read).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
      await expect(client.readCoils(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED", sent: false });
      expect(states.at(-1)).toBe("closed");
      const { dials } = dialler;
      await attempt;
      expect(dialler.dials).toBe(dials);
      await client.close();
    }
  });

  test("gives up after as many attempts as it may make, and says why", async () => {
    const dialler = new MemoryDialler();
    dialler.plans.push("refused", "refused", "refused", "refused");
    const { client } = begin(dialler, { ...quick, attempts: 2 });
    const causes: (Error | undefined)[] = [];
    client.onState(({ state, cause }) => state === "closed" && causes.push(cause));
    await client.attempt();
    await client.closed;
    expect(dialler.dials).toBe(3);
    expect(causes).toMatchObject([{ code: "ERR_MODBUS_NO_CONNECTION" }]);
  });

  test("does not attempt again what cannot get better", async () => {
    const dialler = new MemoryDialler();
    const { client } = begin(dialler, quick, { framing: "rtu", line: { gapMs: -1 } });
    await client.attempt();
    await client.closed;
    expect(dialler.dials).toBe(1);
    // The link that had come about does not stay open.
    await dialler.device.closed;
  });

  test("a listener that throws is a warning, and one that was taken away hears nothing", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const dialler = new MemoryDialler();
    const { client } = begin(dialler);
    const heard: string[] = [];
    client.onState(() => {
      throw new Error("a listener's own fault");
    });
    client.onState(({ state }) => heard.push(state));
    client.onState(() => heard.push("never"))();
    await client.first();
    expect(heard).toEqual(["connected"]);
    await expect.poll(() => warnings.map(({ message }) => message)).toEqual(["a listener's own fault"]);
    process.off("warning", onWarning);
  });
});

describe("the waits between attempts", () => {
  test("grow to their greatest, with chance", () => {
    const plain = new Backoff({ minMs: 100, maxMs: 1000, factor: 3 }, () => 0);
    expect([1, 2, 3, 4, 5].map(() => plain.next())).toEqual([100, 300, 900, 1000, 1000]);
    const random = new Backoff({ minMs: 100, jitter: 0.2 }, () => 0.5);
    expect(random.next()).toBe(90);
  });

  test("begin anew when a connection has lasted longer than the last of them", () => {
    const backoff = new Backoff({ minMs: 100 }, () => 0);
    expect([backoff.next(), backoff.next()]).toEqual([100, 200]);
    backoff.ended(199);
    expect(backoff.next()).toBe(400);
    backoff.ended(400);
    expect(backoff.next()).toBe(100);
  });

  test.each<ReconnectOptions>([
    { minMs: 0 },
    { minMs: 10, maxMs: 5 },
    { maxMs: Number.POSITIVE_INFINITY },
    { factor: 0.5 },
    { jitter: 2 },
    { attempts: 0 },
    { queueWhileDownMs: -1 },
  ])("%o is refused", async (reconnect) => {
    const attempt = connect("modbus+tcp://127.0.0.1:1", { reconnect });
    await expect(attempt).rejects.toMatchObject({ code: "ERR_MODBUS_BAD_VALUE" });
  });
});

describe("connect with reconnect", () => {
  test("over TCP: outlives its server", async () => {
    const first = createServer(createMemoryHandler());
    const url = await first.listen("modbus+tcp://127.0.0.1:0");
    await using client = await connect(url, { reconnect: { minMs: 5 } });
    await client.writeRegister(0, 1);
    await first.close();
    await expect.poll(() => client.state).not.toBe("connected");
    await using second = createServer(createMemoryHandler());
    await second.listen(url);
    await expect.poll(() => client.state).toBe("connected");
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([0]);
    expect(client.peer).toBe(`127.0.0.1:${url.port}`);
  });

  test("rejects when the first connection does not come about, unless it is lazy", async () => {
    const gone = createServer(createMemoryHandler());
    const url = await gone.listen("modbus+tcp://127.0.0.1:0");
    await gone.close();
    const eager = connect(url, { reconnect: true });
    await expect(eager).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
    const client = await connect(url, { reconnect: { lazy: true, minMs: 5 } });
    expect(client.state).toBe("connecting");
    await expect.poll(() => client.state).toBe("waiting");
    await client.close();
    expect(client.state).toBe("closed");
  });

  test("its signal ends the wait for the first connection, and nothing later", async () => {
    await using server = createServer(createMemoryHandler());
    const url = await server.listen("modbus+tcp://127.0.0.1:0");
    const early = connect(url, { reconnect: true, signal: AbortSignal.abort("no time") });
    await expect(early).rejects.toMatchObject({ code: "ERR_MODBUS_ABORTED", cause: "no time" });
    const controller = new AbortController();
    await using client = await connect(url, { reconnect: true, signal: controller.signal });
    controller.abort();
    expect(await client.readCoils(0, 1)).toEqual([false]);
    expect(client.state).toBe("connected");
  });

  test("a client that does not reconnect has a state too", async () => {
    await using server = createServer(createMemoryHandler());
    const url = await server.listen("modbus+tcp://127.0.0.1:0");
    const client = await connect(url);
    const states: (readonly [string, unknown])[] = [];
    client.onState(({ state, cause }) => states.push([state, cause]));
    expect(client.state).toBe("connected");
    await client.close();
    expect(states).toEqual([["closed", undefined]]);
  });
});
