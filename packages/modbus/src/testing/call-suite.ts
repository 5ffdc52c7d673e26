import { defineFunction, type ModbusErrorCode, parseHex, type Request, toHex } from "@modwarden/protocol";
import { afterEach, describe, expect, test } from "vitest";
import type { Client, ClientOptions } from "../client/client.ts";
import type { Handler, HandlerResult } from "../server/handler.ts";
import { createMemoryHandler, type MemoryHandler } from "../server/memory-handler.ts";
import type { ServerOptions } from "../server/options.ts";
import { serveFunction } from "../server/serve-function.ts";
import type { Service, ServiceKind } from "./services.ts";

const as = (code: ModbusErrorCode, more: object = {}) => expect.objectContaining({ code, ...more });

const bytesMessage = {
  encode: (data: Uint8Array) => data,
  decode: (data: Uint8Array) => data.slice(),
  length: (data: Uint8Array) => (data.length === 0 ? undefined : 1 + data[0]!),
};
/** A byte count and as many bytes, both ways. */
const counted = defineFunction({ functionCode: 65, name: "counted", request: bytesMessage, response: bytesMessage });

function device(): MemoryHandler {
  return createMemoryHandler({
    coils: 2000,
    discreteInputs: Uint8Array.of(1, 0, 1),
    holdingRegisters: 200,
    inputRegisters: Uint16Array.of(5, 6),
    exceptionStatus: 0xa5,
    serverId: Uint8Array.of(7, 0xff),
    files: new Map([[4, Uint16Array.of(1, 2, 3, 4)]]),
    queues: new Map([[9, [440, 4740]]]),
    canopen: (data) => Uint8Array.from(data).reverse(),
  });
}

/** Every call, from the URL to the handler and back, whatever carries it. */
export function callSuite(kind: ServiceKind): void {
  describe(`calls over ${kind.name}`, () => callTests(kind));
}

function callTests(kind: ServiceKind): void {
  const open: Service[] = [];
  const clients: Client[] = [];

  async function serve(handler: Handler, options?: ServerOptions): Promise<Service> {
    const service = await kind.open(handler, { serialFunctions: true, ...options });
    open.push(service);
    return service;
  }
  async function dial(service: Service, options?: ClientOptions): Promise<Client> {
    const client = await service.connect(options);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    for (const service of open.splice(0)) {
      await service.close();
      expect(service.server.connections).toBe(0);
    }
  });

  test("every function reaches the device and comes back", async () => {
    const served = [serveFunction(counted, (message) => message)];
    const service = await serve(device(), { functions: served });
    const client = await dial(service, { functions: [counted], timeoutMs: 5000 });
    await client.writeCoil(3, true);
    await client.writeCoils(5, [true, false, true]);
    expect(await client.readCoils(3, 5)).toEqual([true, false, true, false, true]);
    expect((await client.readCoils(0, 2000)).length).toBe(2000);
    expect(await client.readDiscreteInputs(0, 3)).toEqual([true, false, true]);
    await client.writeRegister(0, 0x1234);
    await client.writeRegisters(
      1,
      Array.from({ length: 123 }, (_, index) => index),
    );
    const registers = await client.readHoldingRegisters(0, 125);
    expect([registers[0], registers[1], registers[123], registers[124]]).toEqual([0x1234, 0, 122, 0]);
    expect([...(await client.readInputRegisters(0, 2))]).toEqual([5, 6]);
    await client.maskWriteRegister(0, 0xff00, 0x0055);
    expect([...(await client.readWriteRegisters({ address: 0, quantity: 2 }, { address: 1, values: [9] }))]).toEqual([
      0x1255, 9,
    ]);
    expect(await client.readExceptionStatus()).toBe(0xa5);
    expect((await client.reportServerId()).id).toEqual(Uint8Array.of(7));
    await client.writeFileRecord(4, 1, [8, 9]);
    expect(
      (
        await client.readFileRecords([
          { file: 4, record: 0, length: 3 },
          { file: 4, record: 3, length: 1 },
        ])
      ).map((one) => [...one]),
    ).toEqual([[1, 8, 9], [4]]);
    expect([...(await client.readFifoQueue(9))]).toEqual([440, 4740]);
    expect(toHex(await client.canopenGeneralReference(Uint8Array.of(1, 2, 3)))).toBe("030201");
    expect((await client.readDeviceIdentification()).get(0)).toBe("modwarden");
    expect(await client.readDeviceObject(1)).toBe("memory");
    expect(toHex(await client.call(counted, Uint8Array.of(2, 0xca, 0xfe)))).toBe("02cafe");
    await client.diagnostics.returnQueryData(Uint8Array.of(1, 2));
    await client.diagnostics.returnQueryData(Uint8Array.from({ length: 64 }, (_, index) => index));
    expect(await client.diagnostics.serverMessageCount()).toBeGreaterThan(10);
    expect((await client.getCommEventCounter()).eventCount).toBeGreaterThan(10);
    expect((await client.getCommEventLog()).events.length).toBeGreaterThan(30);
    expect(client.discarded).toBe(0);
  });

  test("exceptions come back with their codes, in the order of judgement", async () => {
    const client = await dial(await serve(device()));
    const cases: readonly (readonly [string, number])[] = [
      ["09", 1],
      ["44 0102", 1],
      ["03 0000 0000", 3],
      ["03 00c8 0001", 2],
      ["05 0000 1234", 3],
      ["2b 0e 05 00", 3],
    ];
    for (const [pdu, exception] of cases) {
      const request = parseHex(pdu);
      expect([...(await client.raw(request))], pdu).toEqual([request[0]! | 0x80, exception]);
    }
    await expect(client.readHoldingRegisters(200, 1)).rejects.toEqual(as("ERR_MODBUS_EXCEPTION", { exception: 2 }));
  });

  test("an answer that is late never reaches a later request", async () => {
    const gate = Promise.withResolvers<void>();
    const client = await dial(
      await serve(async (request: Request): Promise<HandlerResult> => {
        if (request.kind !== "read-holding-registers") return { kind: "read-coils", bytes: Uint8Array.of(1) };
        if (request.address === 0) await gate.promise;
        return { kind: request.kind, registers: Uint16Array.of(request.address) };
      }),
      { timeoutMs: 4000 },
    );
    await expect(client.readHoldingRegisters(0, 1, { timeoutMs: 30 })).rejects.toEqual(as("ERR_MODBUS_TIMEOUT"));
    const next = client.readHoldingRegisters(1, 1);
    const other = client.readCoils(0, 1);
    gate.resolve();
    expect([...(await next)]).toEqual([1]);
    expect(await other).toEqual([true]);
    for (const address of [2, 3]) expect([...(await client.readHoldingRegisters(address, 1))]).toEqual([address]);
  });

  test("requests of one client wait for each other, and an abort takes one out", async () => {
    const client = await dial(await serve(device()), { timeoutMs: 5000 });
    const controller = new AbortController();
    const calls = Array.from({ length: 8 }, (_, index) =>
      client.writeRegister(index, index, index === 5 ? { signal: controller.signal } : {}),
    );
    controller.abort();
    await expect(calls[5]).rejects.toEqual(as("ERR_MODBUS_ABORTED"));
    await Promise.all(calls.filter((_, index) => index !== 5));
    expect([...(await client.readHoldingRegisters(0, 8))]).toEqual([0, 1, 2, 3, 4, 0, 6, 7]);
  });

  test("an abort of what is on its way disturbs nobody", async () => {
    const gate = Promise.withResolvers<void>();
    const client = await dial(
      await serve(async (request) => {
        if (request.kind !== "read-holding-registers") throw new Error("not asked for");
        if (request.address === 0) await gate.promise;
        return { kind: request.kind, registers: Uint16Array.of(request.address) };
      }),
      { timeoutMs: 5000 },
    );
    const controller = new AbortController();
    const given = client.readHoldingRegisters(0, 1, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await expect(given).rejects.toEqual(as("ERR_MODBUS_ABORTED"));
    const next = client.readHoldingRegisters(7, 1);
    gate.resolve();
    expect([...(await next)]).toEqual([7]);
  });

  test.skipIf(kind.exclusive)("several clients are served side by side", async () => {
    const service = await serve(device());
    const three = await Promise.all([1, 2, 3].map(() => dial(service, { timeoutMs: 5000 })));
    await Promise.all(
      three.map(async (client, index) => {
        for (let round = 0; round < 5; round += 1) {
          await client.writeRegister(index, round);
          expect([...(await client.readHoldingRegisters(index, 1))]).toEqual([round]);
        }
      }),
    );
    expect(service.server.connections).toBe(3);
  });

  test("close ends what is open on either side", async () => {
    const service = await serve(() => new Promise(() => undefined));
    const client = await dial(service, { timeoutMs: 5000 });
    const reads = [0, 1].map((address) => client.readHoldingRegisters(address, 1));
    const ends = reads.map((read) => expect(read).rejects.toEqual(as("ERR_MODBUS_CLOSED")));
    await client.close();
    await Promise.all(ends);
    await client.closed;
    if (!kind.hearsEnd) return;
    const second = await dial(service, { timeoutMs: 5000 });
    // Over TLS a server that ends without a word might have refused the certificate.
    expect([...(await second.raw(Uint8Array.of(9)))]).toEqual([0x89, 1]);
    const asked = expect(second.readHoldingRegisters(0, 1)).rejects.toEqual(as("ERR_MODBUS_CLOSED"));
    await service.server.close();
    await asked;
  });

  test("unit 0 is every unit of a line, and the device itself elsewhere", async () => {
    const handler = device();
    const client = await dial(await serve(handler), { timeoutMs: 1000, line: { turnaroundMs: 20 } });
    await client.writeRegister(3, 77, { unit: 0 });
    await client.writeRegisters(4, [78], { unit: 0 });
    // Nothing says when a broadcast has been carried out.
    await expect.poll(() => [...handler.tables.holdingRegisters.subarray(3, 5)]).toEqual([77, 78]);
    const read = client.readHoldingRegisters(3, 1, { unit: 0 });
    if (kind.framing === "mbap") expect([...(await read)]).toEqual([77]);
    else await expect(read).rejects.toEqual(as("ERR_MODBUS_BAD_VALUE"));
  });
}
