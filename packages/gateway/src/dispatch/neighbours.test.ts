import { createServer } from "@modwarden/modbus";
import { afterEach, expect, it } from "vitest";
import { adu, type Rig, startRig } from "../testing/rig.ts";
import { done, pdu, policyText, refused, SETPOINT, setpointDevice, write } from "../testing/setpoint.ts";

/** A device that is asked at its own unit and at 0, which at many gateways is every unit. */
let rig: Rig | undefined;
let device: ReturnType<typeof createServer> | undefined;
afterEach(async () => {
  await rig?.stop();
  await device?.close();
  rig = undefined;
});

const policy: string = `${policyText(["setpoint", "functions: [6], addresses: [16], maxStep: 10"])}  - { id: all, permit: { roles: [Operator] }, units: [0], allow: [{ functions: [3, 6] }], when: { transports: [tcp] } }\n`;

async function start(unit: number, all: Promise<void> = Promise.resolve()): Promise<Rig> {
  const handler = setpointDevice();
  const written = (value: number) => ({ kind: "write-single-register", address: SETPOINT, value }) as const;
  device = createServer(async (request, context) => {
    if (context.unit === unit) await all;
    if (request.kind === "read-holding-registers") return handler["read-holding-registers"]!(request, context);
    if (request.kind !== "write-single-register") throw new Error("neither read nor written");
    return handler["write-single-register"]!(written(request.value), context);
  });
  const { port } = await device.listen("modbus+tcp://127.0.0.1:0");
  rig = await startRig({
    role: "Operator",
    policy,
    device: { port, timeoutMs: 5_000 },
    moreDevices: [{ id: "all", unit: 0, host: "127.0.0.1", port, deviceUnit: unit, outstanding: 1, timeoutMs: 5_000 }],
  });
  return rig;
}

it.each([0, 255])("what is written to unit %i makes unknown what is known of its neighbours", async (unit) => {
  const { open } = await start(unit);
  const client = await open();
  client.send(write(1, 45));
  expect(pdu(await client.reply())).toBe(done(45));
  client.send(adu(2, 0, "06 0010 0050"));
  await client.reply();
  client.send(Buffer.concat([write(3, 50), write(4, 75)]));
  expect((await client.replies(2)).map(pdu)).toEqual([refused, done(75)]);
});

it("what waits for a write to a neighbour goes on when it has ended, also when its client has gone", async () => {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { open, line } = await start(255, finished);
  const [first, second] = [await open(), await open()];
  first.send(adu(1, 0, "06 0010 002d"));
  await expect.poll(() => line.bus("all")?.inFlight).toBe(1);
  second.send(write(2, 50));
  await expect.poll(() => line.bus("device")?.queued).toBe(1);
  first.socket.resetAndDestroy();
  await expect.poll(() => line.sessions).toBe(1);
  finish();
  expect(pdu(await second.reply())).toBe(done(50));
  expect(line.slots.inUse).toBe(0);
});
