import { connect as connectTcp, Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { runInNewContext } from "node:vm";
import { defineFunction, toHex } from "@modwarden/protocol";
import { describe, expect, test, vi } from "vitest";
import { createClient } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import type { Link, LinkListener } from "../link/link.ts";
import { listenLink } from "../link/listen.ts";
import { createMemoryLink } from "../link/memory.ts";
import { adu, join } from "../testing/adu.ts";
import { testTls } from "../testing/carriers.ts";
import { formatModbusUrl, parseModbusUrl } from "../url.ts";
import type { HandlerResult } from "./handler.ts";
import { createMemoryHandler } from "./memory-handler.ts";
import { serveFunction } from "./serve-function.ts";
import { createServer } from "./server.ts";

const memory = createMemoryHandler({ holdingRegisters: Uint16Array.of(7) });

describe("createServer", () => {
  test("listens at several places at one time, and at none after close", async () => {
    const server = createServer(memory);
    const first = await server.listen("modbus+tcp://127.0.0.1:0");
    const second = await server.listen("modbus+tcp://127.0.0.1:0");
    expect(first.port).not.toBe(0);
    for (const url of [first, second]) {
      await using client = await connect(formatModbusUrl(url));
      expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    }
    await server.close();
    for (const url of [first, second]) {
      await expect(connect(url)).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" }));
    }
    const { client, server: end } = createMemoryLink();
    server.accept(end);
    const late = createClient(client);
    await expect(late.readCoils(0, 1)).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }));
  });

  test("says so when it is to listen after its end, and when its end comes first", async () => {
    const closed = expect.objectContaining({ code: "ERR_MODBUS_CLOSED" });
    const server = createServer(memory);
    const listening = server.listen("modbus+tcp://127.0.0.1:0");
    const ended = server.close();
    await expect(listening).rejects.toEqual(closed);
    await ended;
    await expect(server.listen("modbus+tcp://127.0.0.1:0")).rejects.toEqual(closed);
  });

  test("waits for the promises of others, too", async () => {
    const registers = Uint16Array.of(9);
    const foreign: Promise<HandlerResult> = runInNewContext("Promise").resolve({
      kind: "read-holding-registers",
      registers,
    });
    const halving = defineFunction<number, number>({
      functionCode: 65,
      name: "half",
      request: { encode: (value) => Uint8Array.of(value), decode: (data) => data[0]! },
      response: { encode: (value) => Uint8Array.of(value), decode: (data) => data[0]! },
    });
    const half = (value: number): Promise<number> => runInNewContext("Promise").resolve(value / 2);
    await using server = createServer(() => foreign, { functions: [serveFunction(halving, half)] });
    const link = createMemoryLink();
    server.accept(link.server);
    await using client = createClient(link.client);
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([9]);
    expect(await client.call(halving, 8)).toBe(4);
  });

  test("close waits for those whose place was given to another as well", async () => {
    const server = createServer(memory, { connections: 1 });
    const ends: (() => void)[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { server: end } = createMemoryLink();
      // It takes its time to end.
      server.accept(
        Object.assign(Object.create(end) as Link, {
          open: (listener: LinkListener) => void ends.push(() => listener.closed(undefined)),
          end: () => undefined,
        }),
      );
    }
    expect(server.connections).toBe(1);
    let resolved = false;
    const closed = server.close().then(() => {
      resolved = true;
    });
    ends[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(resolved).toBe(false);
    ends[0]!();
    await closed;
  });

  test("what is wrong with a socket that listens is not called a failure of TLS", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    const drops: unknown[] = [];
    await using server = createServer(memory, { onDropped: (...drop) => drops.push(drop) });
    const url = await server.listen("modbus+tcp://127.0.0.1:0");
    const cause = new Error("accept EMFILE");
    (listen.mock.contexts[0] as Server).emit("error", cause);
    listen.mockRestore();
    expect(drops).toEqual([["127.0.0.1:0", "listener", cause]]);
    await using client = await connect(url);
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
  });

  test("says which address it cannot take", async () => {
    await using server = createServer(memory);
    const url = await server.listen("modbus+tcp://127.0.0.1:0");
    await expect(server.listen(url)).rejects.toEqual(
      expect.objectContaining({
        code: "ERR_MODBUS_NO_CONNECTION",
        message: expect.stringContaining(`127.0.0.1:${url.port}`),
        cause: expect.objectContaining({ code: "EADDRINUSE" }),
      }),
    );
    await expect(server.listen("modbus+rtu:///no/such/port?unit=1")).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" }),
    );
  });

  test.skipIf(process.platform !== "linux")("several servers share a port when all of them say so", async () => {
    await using first = createServer(memory);
    await using second = createServer(memory);
    const url = await first.listen("modbus+tcp://127.0.0.1:0", { reusePort: true });
    expect(await second.listen(url, { reusePort: true })).toEqual(url);
    await using alone = createServer(memory);
    await expect(alone.listen(url)).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" }));
    await using client = await connect(url);
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    expect(first.connections + second.connections).toBe(1);
  });

  test("sends zeros behind the bits that were asked for, whatever a handler's last byte has", async () => {
    await using server = createServer({
      "read-coils": () => ({ kind: "read-coils", bytes: Uint8Array.of(0xff, 0xff) }),
    });
    const link = createMemoryLink();
    server.accept(link.server);
    await using client = createClient(link.client);
    //                                                fc | address | quantity
    expect(toHex(await client.raw(Uint8Array.of(1, 0, 0, 0, 10)))).toBe("0102ff03");
  });

  test("refuses limits that make no sense", () => {
    for (const options of [
      { connections: 0 },
      { outstanding: Number.NaN },
      { frameTimeoutMs: 0 },
      { idleTimeoutMs: -1 },
    ]) {
      expect(() => createServer(memory, options)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
    }
  });

  test.each(["tcp", "tls"] as const)("over %s a client that has sent FIN still gets its answers", async (scheme) => {
    const tls = testTls();
    const heard = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<HandlerResult>();
    await using server = createServer(() => gate.promise);
    const listening = await listenLink(parseModbusUrl(`modbus+${scheme}://127.0.0.1:0`), {
      tls: tls.server,
      onLink: (link) => server.accept(overheard(link, heard.resolve)),
    });
    const { host, port } = listening.url;
    const { key, cert, ca } = tls.client;
    const options = { host, port, allowHalfOpen: true };
    const socket: Socket =
      scheme === "tcp"
        ? connectTcp(options)
        : connectTls({ ...options, key: key as string, cert: cert as string, ca: ca as string });
    const received: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    socket.on("end", () => finished.resolve());
    socket.on("error", finished.reject);
    // One whole request, and the beginning of another that never comes.
    socket.end(join(adu(1, 1, "03 0000 0001"), adu(2, 1, "03 0000 0001").subarray(0, 9)));
    await heard.promise;
    gate.resolve({ kind: "read-holding-registers", registers: Uint16Array.of(3) });
    await finished.promise;
    expect(toHex(Buffer.concat(received))).toBe(toHex(adu(1, 1, "03 02 0003")));
    await listening.close();
  });

  test("takes new TLS settings only where there is TLS, for the listeners to come as well", async () => {
    const [first, second] = [testTls(), testTls()];
    await using server = createServer(memory, { tls: first.server });
    await server.listen("modbus+tcp://127.0.0.1:0");
    const before = await server.listen("modbus+tls://127.0.0.1:0");
    await using open = await connect(before, { tls: first.client });
    expect([...(await open.readHoldingRegisters(0, 1))]).toEqual([7]);
    server.setTls(second.server);
    const after = await server.listen("modbus+tls://127.0.0.1:0");
    for (const url of [before, after]) {
      await using client = await connect(url, { tls: second.client });
      expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
      await expect(connect(url, { tls: first.client })).rejects.toEqual(
        expect.objectContaining({ code: "ERR_MODBUS_REFUSED" }),
      );
    }
    expect([...(await open.readHoldingRegisters(0, 1))]).toEqual([7]);
  });
});

/** The link, and a call behind the moment at which its owner has heard that the peer sends no more. */
function overheard(link: Link, afterFinished: () => void): Link {
  return Object.assign(Object.create(link) as Link, {
    open: (listener: LinkListener) =>
      link.open({
        received: (chunk) => listener.received(chunk),
        finished: () => {
          listener.finished();
          afterFinished();
        },
        drained: () => listener.drained(),
        closed: (cause) => listener.closed(cause),
      }),
    write: (bytes: Uint8Array) => link.write(bytes),
    send: (bytes: Uint8Array, at: number, end: number) => link.send?.(bytes, at, end) ?? 0,
    end: () => link.end(),
  });
}
