import { defineFunction, type ModbusErrorCode, parseHex, toHex } from "@modwarden/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "../client/client.ts";
import { createMemoryLink } from "../link/memory.ts";
import { type Handler, type HandlerMethods, noReply, type RequestContext, ServerException } from "./handler.ts";
import { createMemoryHandler } from "./memory-handler.ts";
import type { ServerOptions } from "./options.ts";
import { routeUnits } from "./routes.ts";
import { serveFunction } from "./serve-function.ts";
import { createServer, type ModbusServer } from "./server.ts";

const open: { readonly client: Client; readonly server: ModbusServer }[] = [];

function serve(
  handler: Handler,
  options: ServerOptions = {},
): { readonly client: Client; readonly server: ModbusServer } {
  const server = createServer(handler, options);
  const link = createMemoryLink();
  server.accept(link.server);
  const client = createClient(link.client, { outstanding: 32, timeoutMs: 200 });
  open.push({ client, server });
  return { client, server };
}

afterEach(async () => {
  for (const { client, server } of open.splice(0)) {
    await client.close();
    await server.close();
  }
});

const ask = async (client: Client, pdu: string, unit = 1) => toHex(await client.raw(parseHex(pdu), { unit }));
const extras = () => createMemoryHandler({ exceptionStatus: 3, serverId: Uint8Array.of(1, 0xff) });

describe("functions of serial lines", () => {
  const asked = ["07", "08 0000 a537", "0b", "0c", "11"];

  test("are unknown elsewhere, also to a handler that knows them", async () => {
    const handlers: readonly Handler[] = [extras(), () => noReply];
    for (const handler of handlers) {
      const { client } = serve(handler);
      for (const pdu of asked) expect(await ask(client, pdu)).toBe(`${(0x80 | parseHex(pdu)[0]!).toString(16)}01`);
    }
  });

  test("are answered when they are switched on", async () => {
    const { client } = serve(extras(), { serialFunctions: true });
    expect(await Promise.all(asked.map((pdu) => ask(client, pdu)))).toEqual([
      "0703",
      "080000a537",
      // Reading the status and the echo were two commands; then this one is the first in its own log.
      "0b00000002",
      //  status | events | messages | received, and three times sent and received before
      toHex(parseHex("0c 0d 0000 0002 0004 80 40 80 40 80 40 80")),
      "110201ff",
    ]);
  });

  test("may be switched on one by one", async () => {
    const { client } = serve(extras(), { serialFunctions: [17] });
    expect(await ask(client, "11")).toBe("110201ff");
    expect(await ask(client, "07")).toBe("8701");
    expect(await ask(client, "0b")).toBe("8b01");
  });

  test("a list with another function is refused", () => {
    const options = { serialFunctions: [3] } as unknown as ServerOptions;
    const code: ModbusErrorCode = "ERR_MODBUS_BAD_VALUE";
    expect(() => createServer(extras(), options)).toThrow(expect.objectContaining({ code }));
  });

  test("a handler may answer its diagnostics itself", async () => {
    const methods = serve(
      { diagnostics: (request) => ({ ...request, data: Uint8Array.of(0x12, 0x34) }) },
      { serialFunctions: true },
    );
    expect(await ask(methods.client, "08 000b 0000")).toBe("08000b1234");
    expect(await ask(methods.client, "0b")).toBe("0b00000001");
    const whole = serve(
      (request) => {
        if (request.kind !== "get-comm-event-counter") throw new ServerException(4);
        return { kind: request.kind, status: 0, eventCount: 77 };
      },
      { serialFunctions: true, diagnostics: "handler" },
    );
    expect(await ask(whole.client, "0b")).toBe("0b0000004d");
    expect(await ask(whole.client, "08 0000 a537")).toBe("8804");
  });
});

describe("functions of one's own", () => {
  const add = defineFunction<readonly [number, number], number>({
    functionCode: 100,
    name: "add",
    request: {
      encode: (pair) => Uint8Array.from(pair),
      decode(data) {
        if (data.length !== 2) throw new Error("two bytes are wanted");
        return [data[0]!, data[1]!];
      },
    },
    response: { encode: (sum) => Uint8Array.of(sum), decode: ([sum = 0]) => sum },
  });

  test("are answered with what they mean, at once or later", async () => {
    const contexts: number[] = [];
    for (const later of [false, true]) {
      const served = serveFunction(add, ([left, right], { unit }) => {
        contexts.push(unit);
        return later ? Promise.resolve(left + right) : left + right;
      });
      const { client } = serve(createMemoryHandler(), { functions: [served] });
      expect(await client.unit(7).call(add, [3, 4])).toBe(7);
      expect(await ask(client, "64 03")).toBe("e403");
      expect(await ask(client, "65 03")).toBe("e501");
      expect(await ask(client, "03 0000 0001")).toBe("03020000");
    }
    expect(contexts).toEqual([7, 7]);
  });

  test("come before a handler's user-defined, which gets the others", async () => {
    const served = serveFunction(add, () => {
      throw new ServerException(4);
    });
    const { client } = serve({ "user-defined": (request) => request }, { functions: [served] });
    expect(await ask(client, "64 0304")).toBe("e404");
    expect(await ask(client, "65 0304")).toBe("650304");
  });

  test("cannot be served twice", () => {
    const served = serveFunction(add, () => 0);
    expect(() => createServer({}, { functions: [served, served] })).toThrow(
      expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }),
    );
  });
});

describe("a handler for each unit", () => {
  const holding = (value: number): HandlerMethods =>
    createMemoryHandler({ holdingRegisters: Uint16Array.of(value), coils: 1 });

  test("gets its unit's requests, and nobody else's function codes", async () => {
    const { client } = serve(
      routeUnits({ 1: holding(11), 5: { "read-coils": ({ kind }) => ({ kind, bytes: Uint8Array.of(1) }) } }),
    );
    expect(await ask(client, "03 0000 0001", 1)).toBe("0302000b");
    expect(await ask(client, "01 0000 0001", 5)).toBe("010101");
    // Unknown to this unit, so its body is not looked at.
    expect(await ask(client, "03 0000 0000", 5)).toBe("8301");
    expect(await ask(client, "03 0000 0000", 1)).toBe("8303");
  });

  test("units without one are no path of this gateway, when the request is a good one", async () => {
    const { client } = serve(routeUnits({ 1: holding(11) }));
    expect(await ask(client, "03 0000 0001", 2)).toBe("830a");
    expect(await ask(client, "03 0000 0000", 2)).toBe("8303");
    expect(await ask(client, "63", 2)).toBe("e301");
  });

  test("others may have one together", async () => {
    const { client } = serve(
      routeUnits({ 1: holding(11) }, (_, { unit }) => Promise.reject(new ServerException(unit))),
    );
    expect(await ask(client, "03 0000 0001", 77)).toBe("834d");
  });

  test("what is no handler is refused", () => {
    const refusal = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
    for (const nothing of [undefined, null, 5] as unknown[]) {
      expect(() => createServer(nothing as Handler)).toThrow(refusal);
      expect(() => createServer(routeUnits({ 1: nothing as HandlerMethods }))).toThrow(refusal);
    }
  });

  test("a unit that cannot be is refused", () => {
    for (const unit of [256, -1, 1.5]) {
      expect(() => routeUnits({ [unit]: {} })).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
    }
  });
});

describe("the context", () => {
  test("has a signal that fires when the connection ends", async () => {
    const seen: RequestContext[] = [];
    const { client, server } = serve((_, context) => {
      seen.push(context);
      return new Promise(() => undefined);
    });
    const read = client.readCoils(0, 1);
    read.catch(() => undefined);
    await expect.poll(() => seen.length).toBe(1);
    const { signal, broadcast } = seen[0]!;
    expect(broadcast).toBe(false);
    expect(signal.aborted).toBe(false);
    expect(seen[0]!.signal).toBe(signal);
    await client.close();
    await server.close();
    expect(signal.aborted).toBe(true);
  });

  test("tells who asks too late that the connection has ended", async () => {
    const seen: RequestContext[] = [];
    const { client, server } = serve((_, context) => {
      seen.push(context);
      return noReply;
    });
    const read = client.readCoils(0, 1);
    await expect(read).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
    await client.close();
    await server.close();
    expect(seen[0]!.signal.aborted).toBe(true);
  });
});
