import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { connect } from "./connect.ts";

describe("connect", () => {
  const servers: Server[] = [];

  /** A bare TCP server, for what no Modbus server does. */
  async function bare(onSocket: (socket: Socket) => void): Promise<string> {
    const server = createTcpServer(onSocket);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `modbus+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test("takes the unit from options, then from the URL, then 1", async () => {
    const units: number[] = [];
    const memory = createMemoryHandler();
    await using server = createServer((request, { unit }) => {
      units.push(unit);
      if (request.kind !== "read-coils") throw new Error("not asked for");
      return memory["read-coils"]!(request, undefined as never);
    });
    const url = await server.listen("modbus+tcp://127.0.0.1:0");
    for (const [target, options] of [
      [url, {}],
      [{ ...url, unit: 3 }, {}],
      [{ ...url, unit: 3 }, { unit: 4 }],
      [{ ...url, unit: 3 }, { unit: undefined as never }],
    ] as const) {
      await using client = await connect(target, options);
      await client.readCoils(0, 1);
    }
    expect(units).toEqual([1, 3, 4, 3]);
  });

  test("says where nobody listens, and why", async () => {
    const url = await bare(() => undefined);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server!.close(resolve));
    const { port } = new URL(url);
    await expect(connect(url)).rejects.toEqual(
      expect.objectContaining({
        code: "ERR_MODBUS_NO_CONNECTION",
        message: expect.stringContaining(`127.0.0.1:${port}`),
        cause: expect.objectContaining({ code: "ECONNREFUSED" }),
      }),
    );
  });

  test.each([
    ["modbus+unix:///no/such/socket", "ERR_MODBUS_NO_CONNECTION"],
    ["modbus+rtu:///no/such/port", "ERR_MODBUS_NO_CONNECTION"],
    ["127.0.0.1", "ERR_MODBUS_BAD_URL"],
    ["modbus+tls://127.0.0.1", "ERR_MODBUS_NO_CONNECTION"],
  ])("refuses %s, which it cannot speak as it is", async (url, code) => {
    await expect(connect(url)).rejects.toEqual(expect.objectContaining({ code }));
  });

  test("an abort ends connecting", async () => {
    const url = await bare(() => undefined);
    const reason = new Error("enough");
    const aborted = expect.objectContaining({ code: "ERR_MODBUS_ABORTED", cause: reason });
    await expect(connect(url, { signal: AbortSignal.abort(reason) })).rejects.toEqual(aborted);
    const controller = new AbortController();
    const connecting = connect(url, { signal: controller.signal });
    controller.abort(reason);
    await expect(connecting).rejects.toEqual(aborted);
  });

  test("gives a peer that accepts and then says nothing the time it was told", async () => {
    // TLS against a peer that never answers the first message.
    const url = (await bare(() => undefined)).replace("tcp:", "tls:");
    await expect(connect(url, { connectTimeoutMs: 30, tls: { ca: [], anonymous: true } })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" }),
    );
  });

  test("a reset in the middle of a request ends it as closed, with the cause", async () => {
    const url = await bare((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.resetAndDestroy());
    });
    const client = await connect(url, { outstanding: 2 });
    const reads = [0, 1, 2].map((address) => client.readCoils(address, 1));
    for (const read of reads) {
      await expect(read).rejects.toEqual(
        expect.objectContaining({ code: "ERR_MODBUS_CLOSED", cause: expect.objectContaining({ code: "ECONNRESET" }) }),
      );
    }
    await client.closed;
    await expect(client.readCoils(0, 1)).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }));
  });

  test("close does not wait for ever for a peer that never reads", async () => {
    const sockets: Socket[] = [];
    const url = await bare((socket) => {
      socket.on("error", () => undefined);
      sockets.push(socket.pause());
    });
    const client = await connect(url);
    const read = client.readCoils(0, 1);
    await Promise.all([
      client.close(),
      expect(read).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" })),
    ]);
    for (const socket of sockets) socket.destroy();
  });
});
