import { afterEach, describe, expect, test } from "vitest";
import { createMemoryLink } from "../link/memory.ts";
import { noReply } from "../server/handler.ts";
import { createServer } from "../server/server.ts";
import { adu } from "../testing/adu.ts";
import { Tap } from "../testing/tap.ts";
import { type Client, type ClientOptions, createClient } from "./client.ts";
import { connect } from "./connect.ts";

const as = (code: string) => expect.objectContaining({ code });

describe("a peer that has gone without a word", () => {
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  function dial(options: ClientOptions): { client: Client; device: Tap } {
    const link = createMemoryLink();
    const client = createClient(link.client, { timeoutMs: 50, ...options });
    clients.push(client);
    return { client, device: new Tap(link.server) };
  }
  const read = (client: Client) => client.readHoldingRegisters(0, 1);
  const timesOut = (client: Client) => expect(read(client)).rejects.toEqual(as("ERR_MODBUS_TIMEOUT"));

  test("is found when so many time-outs in a row bring nothing", async () => {
    const { client, device } = dial({ silentLimit: 3, outstanding: 4 });
    // Those that time out together are one sign.
    await Promise.all([timesOut(client), timesOut(client), timesOut(client), timesOut(client)]);
    await timesOut(client);
    const waits = expect(client.readHoldingRegisters(0, 1, { timeoutMs: 60_000 })).rejects.toEqual(
      as("ERR_MODBUS_CLOSED"),
    );
    await timesOut(client);
    await waits;
    await client.closed;
    await device.closed;
    await expect(read(client)).rejects.toEqual(as("ERR_MODBUS_CLOSED"));
  });

  test("any byte from it is a sign of life, also one that answers nothing", async () => {
    const { client, device } = dial({ silentLimit: 2 });
    for (let round = 0; round < 3; round += 1) {
      await timesOut(client);
      device.write(adu(0x7777, 1, "83 0b"));
      while (client.discarded === round) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.state).toBe("connected");
  });

  test("is waited for by a client that does not come back, unless it is told otherwise", async () => {
    const { client } = dial({});
    for (let round = 0; round < 5; round += 1) await timesOut(client);
    expect(client.state).toBe("connected");
    expect(() => dial({ silentLimit: -1 })).toThrow(as("ERR_MODBUS_BAD_VALUE"));
  });

  test.each([
    ["tcp", 2],
    ["udp", 1],
  ] as const)("over %s a client that reconnects makes as many connections: %i", async (scheme, connections) => {
    const peers = new Set<string>();
    await using server = createServer((_, { peer }) => {
      peers.add(peer);
      return noReply;
    });
    const url = await server.listen(`modbus+${scheme}://127.0.0.1:0`);
    await using client = await connect(url, {
      timeoutMs: 10,
      reconnect: { minMs: 1, queueWhileDownMs: 5000 },
      // As a program passes on what nobody has set.
      silentLimit: undefined as never,
    });
    for (let round = 0; round < 4; round += 1) await timesOut(client);
    while (peers.size < connections) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(peers.size).toBe(connections);
  });
});
