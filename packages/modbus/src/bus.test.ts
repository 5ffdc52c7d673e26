import { afterEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "./client/client.ts";
import { lineTiming } from "./link/line-timing.ts";
import { paced } from "./link/paced.ts";
import { createMemoryHandler, type MemoryHandler } from "./server/memory-handler.ts";
import { createServer, type ModbusServer } from "./server/server.ts";
import { Bus } from "./testing/bus.ts";

const line = { silenceMs: 1, gapMs: 15, turnaroundMs: 5 };

/** Several servers and a client on the same two wires. */
describe.each(["rtu", "ascii"] as const)("a shared line, %s", (framing) => {
  const clients: Client[] = [];
  const servers: ModbusServer[] = [];
  afterEach(async () => {
    await Promise.all([...clients.splice(0), ...servers.splice(0)].map((one) => one.close()));
  });

  function station(bus: Bus, unit: number): { server: ModbusServer; memory: MemoryHandler } {
    const memory = createMemoryHandler({ holdingRegisters: 20 });
    memory.tables.holdingRegisters.fill(unit);
    const server = createServer(memory);
    server.accept(paced(bus.end(`unit ${unit}`), lineTiming(framing, undefined, line)), { units: [unit] });
    servers.push(server);
    return { server, memory };
  }
  function master(bus: Bus, echo = false): Client {
    const timing = lineTiming(framing, undefined, { ...line, echo });
    const client = createClient(paced(bus.end("client", echo), timing), { timeoutMs: 200 });
    clients.push(client);
    return client;
  }

  test("each unit answers for itself, whatever the others say", async () => {
    const bus = new Bus(framing);
    const stations = [1, 2, 3].map((unit) => station(bus, unit));
    const client = master(bus);
    for (let round = 0; round < 4; round += 1) {
      for (const unit of [1, 2, 3]) {
        // The echo of a write is the same bytes as its request: nobody else may take it for one.
        await client.writeRegister(round, 100 * unit + round, { unit });
        await client.writeRegisters(10 + round, [unit], { unit });
        expect([...(await client.readHoldingRegisters(round, 1, { unit }))]).toEqual([100 * unit + round]);
      }
    }
    await expect(client.readHoldingRegisters(0, 1, { unit: 4, timeoutMs: 30 })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_TIMEOUT" }),
    );
    // A request and an answer each, and one request that nobody answered; nobody hears their own twelve answers.
    expect(bus.written).toHaveLength(4 * 3 * 3 * 2 + 1);
    expect(stations.map(({ server }, index) => server.station(index + 1).counters.busMessages)).toEqual([61, 61, 61]);
  });

  test("a broadcast is done by all and answered by none", async () => {
    const bus = new Bus(framing);
    const stations = [1, 2].map((unit) => station(bus, unit));
    const client = master(bus);
    await client.writeRegister(5, 55, { unit: 0 });
    expect(stations.map(({ memory }) => memory.tables.holdingRegisters[5])).toEqual([55, 55]);
    expect(bus.written).toHaveLength(1);
    expect([...(await client.readHoldingRegisters(5, 1, { unit: 2 }))]).toEqual([55]);
  });

  test("an adapter that hears itself works when it is told so", async () => {
    const bus = new Bus(framing);
    station(bus, 1);
    const client = master(bus, true);
    for (let value = 0; value < 3; value += 1) {
      await client.writeRegister(0, value);
      expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([value]);
    }
  });

  test.runIf(framing === "ascii")("function 8 changes the last character of a frame for the whole line", async () => {
    const bus = new Bus(framing);
    station(bus, 1);
    const client = master(bus);
    await client.diagnostics.changeAsciiDelimiter("!");
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([1]);
    expect(bus.written.map((bytes) => String.fromCharCode(bytes.at(-1)!))).toEqual(["\n", "\n", "!", "!"]);
  });
});
