import { type Client, connect } from "@modwarden/modbus";
import { builtinProfile } from "@modwarden/profile";
import { decodeValue } from "@modwarden/protocol";
import { afterEach, describe, expect, it } from "vitest";
import {
  builtinPlant,
  type FaultEntry,
  type PlantDocument,
  plantOfProfiles,
  type Simulation,
  startSimulator,
} from "./index.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function serve(plant: PlantDocument): Promise<{ simulation: Simulation; client: Client }> {
  const simulation = await startSimulator({ plant, listen: "modbus+tcp://127.0.0.1:0", run: false });
  open.push(simulation);
  const client = await connect(simulation.urls[0]!, { timeoutMs: 5000 });
  open.push(client);
  return { simulation, client };
}
const exception = (code: number) => expect.objectContaining({ code: "ERR_MODBUS_EXCEPTION", exception: code });
const CONTROL = 49999;
const SETPOINT = 50009;

describe("the energy hall over TCP", () => {
  it("gives what the devices have", async () => {
    const { simulation, client } = await serve(builtinPlant("energy-hall"));
    simulation.plant.step(3000);
    const power = decodeValue("f32", "ABCD", await client.readInputRegisters(52, 2, { unit: 1 }), 0);
    expect(power).toBe(simulation.get("meter", "power_total").value);
    const marker = await client.readHoldingRegisters(40000, 2, { unit: 2 });
    expect([...marker]).toEqual([0x5375, 0x6e53]);
    const frequency = await client.readHoldingRegisters(16129, 1, { unit: 3 });
    expect(Math.abs(frequency[0]! - 125)).toBeLessThanOrEqual(1);
    const battery = decodeValue("s32", "CDAB", await client.readInputRegisters(5213, 2, { unit: 4 }), 0);
    expect(battery).toBe(simulation.get("battery", "power").value);
  });

  it("a written setpoint moves the drive, and the meter sees it", async () => {
    const { simulation, client } = await serve(builtinPlant("energy-hall"));
    simulation.plant.step(3000);
    await client.writeRegister(SETPOINT, 6554, { unit: 3 });
    simulation.plant.step(3000);
    expect(Number(simulation.get("drive", "frequency").value)).toBeCloseTo(20, 0);
    await client.maskWriteRegister(CONTROL, 0xffbf, 0, { unit: 3 });
    simulation.plant.step(3000);
    expect(simulation.get("drive", "frequency").value).toBe(0);
  });

  it.each([
    ["an address outside the blocks", (c: Client) => c.readHoldingRegisters(0, 1, { unit: 3 }), 2],
    ["a range that leaves its block", (c: Client) => c.readInputRegisters(79, 2, { unit: 1 }), 2],
    ["another table", (c: Client) => c.readCoils(0, 1, { unit: 1 }), 2],
    ["writing what may only be read", (c: Client) => c.writeRegister(16129, 1, { unit: 3 }), 2],
    ["writing where no point is", (c: Client) => c.writeRegister(50001, 1, { unit: 3 }), 2],
    [
      "a part of what may only be read",
      (c: Client) => c.writeRegisters(CONTROL, Uint16Array.of(1148, 0), { unit: 3 }),
      2,
    ],
    ["a value above the point's limits", (c: Client) => c.writeRegister(SETPOINT, 16385, { unit: 3 }), 3],
    ["a unit that is not there", (c: Client) => c.readHoldingRegisters(0, 1, { unit: 9 }), 11],
    ["unit 0", (c: Client) => c.readHoldingRegisters(0, 1, { unit: 0 }), 11],
    ["masking what may only be read", (c: Client) => c.maskWriteRegister(16129, 0, 0, { unit: 3 }), 2],
  ])("%s is answered with an exception", async (_, ask, code) => {
    const { simulation, client } = await serve(builtinPlant("energy-hall"));
    const before = simulation.readRaw("drive", "holding", CONTROL, 202);
    await expect(ask(client)).rejects.toEqual(exception(code));
    expect(simulation.readRaw("drive", "holding", CONTROL, 202)).toEqual(before);
  });

  it("a function that devices do not have is 01", async () => {
    const { client } = await serve(builtinPlant("energy-hall"));
    expect([...(await client.raw(Uint8Array.of(65, 1), { unit: 3 }))]).toEqual([0xc1, 1]);
  });

  it("says who it is: vendor, product, revision", async () => {
    const { client } = await serve(builtinPlant("energy-hall"));
    expect(await client.readDeviceIdentification({ unit: 3 })).toEqual(
      new Map([
        [0, "Danfoss"],
        [1, "FC51"],
        [2, "1"],
      ]),
    );
  });

  it("function 23 writes, then reads; and does neither when one half is refused", async () => {
    const { simulation, client } = await serve(builtinPlant("energy-hall"));
    const both = (readAddress: number, writeAddress: number, value: number) =>
      client.request(
        {
          kind: "read-write-multiple-registers",
          readAddress,
          readQuantity: 1,
          writeAddress,
          values: Uint16Array.of(value),
        },
        { unit: 3 },
      );
    expect(await both(SETPOINT, SETPOINT, 500)).toMatchObject({ registers: Uint16Array.of(500) });
    await expect(both(0, SETPOINT, 600)).rejects.toEqual(exception(2));
    await expect(both(SETPOINT, 16129, 600)).rejects.toEqual(exception(2));
    expect([...simulation.readRaw("drive", "holding", SETPOINT, 1)]).toEqual([500]);
  });

  it("refuses a write to a part of a value, and takes the whole", async () => {
    const { readProfile } = await import("@modwarden/profile");
    const profile = readProfile(
      "profile: 1\ndevice: { vendor: v, model: m, kind: k }\nblocks: [{ table: holding, address: 0, count: 4 }]\npoints:\n  - { id: p, table: holding, address: 0, type: f32, access: rw, limits: { max: 10 } }\n  - { id: q, table: holding, address: 2, type: u16, access: rw }\n  - { id: secret, table: holding, address: 3, type: u16, access: w }\n",
      "d.yaml",
    );
    const { simulation, client } = await serve(plantOfProfiles([profile]));
    await expect(client.writeRegister(0, 1)).rejects.toEqual(exception(2));
    await expect(client.writeRegisters(1, Uint16Array.of(1, 2))).rejects.toEqual(exception(2));
    await client.writeRegisters(0, Uint16Array.of(0x3fc0, 0, 7));
    expect(simulation.get(1, "p").value).toBe(1.5);
    // Not a number, and 10.5: neither is at most 10.
    await expect(client.writeRegisters(0, Uint16Array.of(0x7fc0, 0, 8))).rejects.toEqual(exception(3));
    await expect(client.writeRegisters(0, Uint16Array.of(0x4128, 0, 8))).rejects.toEqual(exception(3));
    expect(simulation.get(1, "q").value).toBe(7);
    await client.writeRegister(3, 5);
    await expect(client.readHoldingRegisters(3, 1)).rejects.toEqual(exception(2));
  });

  it("runs on its own clock when it is let", async () => {
    let now = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const simulation = await startSimulator({
      plant: builtinPlant("energy-hall"),
      listen: [],
      now: () => {
        now += 1000;
        if (now >= 4000) resolve();
        return now;
      },
    });
    open.push(simulation);
    await promise;
    expect(simulation.plant.t).toBeGreaterThan(0);
  });
});

describe("the plain memory over TCP", () => {
  const memory = plantOfProfiles([builtinProfile("memory")]);

  it("is zero at first, writable, whole, and each unit's own", async () => {
    const { simulation, client } = await serve(memory);
    expect([...(await client.readHoldingRegisters(65411, 125, { unit: 1 }))]).toEqual(Array(125).fill(0));
    await client.writeRegisters(65535, Uint16Array.of(9), { unit: 1 });
    await client.writeRegister(0, 8, { unit: 247 });
    await client.writeCoils(65534, [true, true], { unit: 255 });
    await client.writeCoil(3, true, { unit: 255 });
    expect([...(await client.readHoldingRegisters(65535, 1, { unit: 1 }))]).toEqual([9]);
    expect([...(await client.readHoldingRegisters(65535, 1, { unit: 2 }))]).toEqual([0]);
    expect([...(await client.readHoldingRegisters(0, 1, { unit: 247 }))]).toEqual([8]);
    expect(await client.readCoils(65533, 3, { unit: 255 })).toEqual([false, true, true]);
    expect(await client.readCoils(0, 5, { unit: 255 })).toEqual([false, false, false, true, false]);
    simulation.writeRaw(5, "discrete", 10, [1, 0, 1]);
    simulation.writeRaw(5, "input", 10, [11, 12]);
    expect(await client.readDiscreteInputs(9, 5, { unit: 5 })).toEqual([false, true, false, true, false]);
    expect([...(await client.readInputRegisters(10, 2, { unit: 5 }))]).toEqual([11, 12]);
    await client.maskWriteRegister(0, 0xf0f0, 0x0505, { unit: 247 });
    expect([...(await client.readHoldingRegisters(0, 1, { unit: 247 }))]).toEqual([0x0505]);
    await expect(client.readHoldingRegisters(0, 1, { unit: 248 })).rejects.toEqual(exception(11));
    expect((await client.readDeviceIdentification({ unit: 9 })).get(1)).toBe("Memory");
  });

  it("listens at several addresses, and two clients see one memory", async () => {
    const simulation = await startSimulator({
      plant: memory,
      listen: ["modbus+tcp://127.0.0.1:0", "modbus+tcp://127.0.0.1:0"],
    });
    open.push(simulation);
    expect(new Set(simulation.urls).size).toBe(2);
    const [one, other] = await Promise.all(simulation.urls.map((url) => connect(url)));
    open.push(one!, other!);
    await one!.writeRegister(7, 77);
    expect([...(await other!.readHoldingRegisters(7, 1))]).toEqual([77]);
  });

  it("leaves nothing open when one address cannot be taken", async () => {
    const { simulation } = await serve(memory);
    const listen = ["modbus+tcp://127.0.0.1:0", simulation.urls[0]!];
    await expect(startSimulator({ plant: memory, listen })).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
    await expect(startSimulator({ plant: memory, listen: "http://x" })).rejects.toMatchObject({
      code: "ERR_MODBUS_BAD_URL",
    });
  });
});

describe("faults of the line", () => {
  const withFault = (fault: FaultEntry): PlantDocument => ({ ...builtinPlant("energy-hall"), faults: [fault] });
  const read = (client: Client, unit: number, timeoutMs = 5000) =>
    client.readHoldingRegisters(SETPOINT, 1, { unit, timeoutMs });

  it("an exception meets whom it waits for, as often as it says", async () => {
    const { simulation, client } = await serve(
      withFault({ kind: "exception", code: 6, target: { unit: 3, functions: [3] }, probability: 1, count: 2 }),
    );
    await client.readInputRegisters(0, 2, { unit: 1 });
    await client.writeRegister(SETPOINT, 1, { unit: 3 });
    await expect(read(client, 3)).rejects.toEqual(exception(6));
    await expect(read(client, 3)).rejects.toEqual(exception(6));
    expect([...(await read(client, 3))]).toEqual([1]);
    expect(simulation.plant.lineFaults.list()).toMatchObject([{ id: "exception-1", happened: 2 }]);
  });

  it("no answer is none, and the others behind the address go on", async () => {
    const { simulation, client } = await serve(
      withFault({ kind: "no-answer", id: "dead", target: { unit: 3 }, probability: 1 }),
    );
    await expect(read(client, 3, 20)).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
    await client.readInputRegisters(0, 2, { unit: 1 });
    expect(simulation.plant.lineFaults.clear("dead")).toBe(1);
    expect((await read(client, 3)).length).toBe(1);
  });

  it("a late answer comes after what was asked later, and what it was asked is done at once", async () => {
    const { simulation, client } = await serve(
      withFault({ kind: "late-answer", delayMs: 100, target: { unit: 3 }, probability: 1 }),
    );
    const fast = await connect(simulation.urls[0]!, { outstanding: 2 });
    open.push(fast);
    const order: string[] = [];
    await Promise.all([
      fast.writeRegister(SETPOINT, 123, { unit: 3 }).then(() => order.push("late")),
      fast.readInputRegisters(0, 2, { unit: 1 }).then(() => {
        order.push("prompt");
        expect([...simulation.readRaw("drive", "holding", SETPOINT, 1)]).toEqual([123]);
      }),
    ]);
    expect(order).toEqual(["prompt", "late"]);
    await expect(client.writeRegister(16129, 1, { unit: 3 })).rejects.toEqual(exception(2));
  });

  it("comes to pass as likely as it says, and the same with the same seed", async () => {
    const { LineFaults } = await import("./index.ts");
    const course = (seed: number) => {
      const faults = new LineFaults([{ kind: "no-answer", target: {}, probability: 0.25, seed }], 1);
      return Array.from({ length: 2000 }, () => faults.meet(1, 3) !== undefined);
    };
    expect(course(5)).toEqual(course(5));
    expect(course(5)).not.toEqual(course(6));
    const share = course(5).filter(Boolean).length / 2000;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.04);
  });

  it("are bounded in number", async () => {
    const { LineFaults } = await import("./index.ts");
    const faults = new LineFaults([], 1);
    for (let index = 0; index < 100; index += 1) faults.inject({ kind: "no-answer", target: {}, probability: 0 });
    expect(() => faults.inject({ kind: "no-answer", target: {}, probability: 0 })).toThrow(RangeError);
    expect(faults.clear()).toBe(100);
  });
});

describe("a plant on other links", () => {
  it.each(["udp", "rtutcp", "asciitcp"])("modbus+%s", async (scheme) => {
    const simulation = await startSimulator({
      plant: builtinPlant("energy-hall"),
      listen: `modbus+${scheme}://127.0.0.1:0`,
      run: false,
    });
    open.push(simulation);
    const client = await connect(simulation.urls[0]!, { timeoutMs: 5000, line: { turnaroundMs: 1 } });
    open.push(client);
    await client.writeRegister(SETPOINT, 6554, { unit: 3 });
    expect([...(await client.readHoldingRegisters(SETPOINT, 1, { unit: 3 }))]).toEqual([6554]);
    const elsewhere = client.readHoldingRegisters(0, 1, { unit: 9, timeoutMs: 20 });
    if (scheme === "udp") await expect(elsewhere).rejects.toEqual(exception(11));
    else {
      await expect(elsewhere).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
      // Only the drive has such a register; the others cannot do what it says.
      await client.writeRegister(SETPOINT, 100, { unit: 0 });
      expect([...simulation.readRaw("drive", "holding", SETPOINT, 1)]).toEqual([100]);
    }
  });
});
