import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectNet, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { parseHex, toHex } from "@modwarden/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { adu, join } from "../testing/adu.ts";
import { testTls } from "../testing/carriers.ts";
import type { ModbusUrl } from "../url.ts";
import { createMemoryHandler } from "./memory-handler.ts";
import { createServer, type ModbusServer } from "./server.ts";

/** A socket of the machine's own, which can do what no client of ours does. */
interface Raw {
  readonly socket: Socket;
  /** Bytes that have come. */
  heard(): string;
  /** The connection has ended, in whatever way. */
  readonly over: Promise<void>;
  /** An RST in place of a FIN, where the transport has one. */
  reset(): void;
}

const readOne = "03 0000 0001";
const answer = "03 02 0007";
const request = adu(1, 1, readOne);

describe.each(["tcp", "tls", "unix"] as const)("a client over %s that", (scheme) => {
  const tls = testTls();
  let folder: string;
  let server: ModbusServer;
  let url: ModbusUrl;
  let witness: Client;
  const raws: Raw[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(joinPath(tmpdir(), "mb-"));
    const handler = createMemoryHandler({ holdingRegisters: Uint16Array.of(7) });
    // Every answer takes a turn of the loop, so that some are still open when their client has gone.
    const slow: typeof handler = {
      ...handler,
      async "read-holding-registers"(asked, context) {
        await new Promise((resolve) => setImmediate(resolve));
        return handler["read-holding-registers"]!(asked, context);
      },
    };
    server = createServer(slow, { tls: tls.server, onError: (error) => expect.fail(String(error)) });
    url = await server.listen(`modbus+${scheme}://${scheme === "unix" ? `${folder}/socket` : "127.0.0.1:0"}`);
    witness = await connect(url, { tls: tls.client, timeoutMs: 5000 });
  });
  afterEach(async () => {
    for (const { socket } of raws.splice(0)) socket.destroy();
    await witness.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function dial(): Promise<Raw> {
    const below = url.path === undefined ? connectNet(url.port, url.host) : connectNet(url.path);
    const { key, cert, ca } = tls.client as ConnectionOptions;
    const socket =
      scheme === "tls" ? connectTls({ socket: below, key, cert, ca, checkServerIdentity: () => undefined }) : below;
    let heard = "";
    socket.on("data", (chunk: Buffer) => {
      heard += toHex(chunk);
    });
    const over = new Promise<void>((resolve) => {
      for (const event of ["end", "close"]) socket.on(event, () => resolve());
      socket.on("error", () => resolve());
    });
    await once(socket, scheme === "tls" ? "secureConnect" : "connect");
    const raw: Raw = {
      socket,
      heard: () => heard,
      over,
      reset: () => (scheme === "unix" ? socket.destroy() : below.resetAndDestroy()),
    };
    raws.push(raw);
    return raw;
  }

  async function hears(raw: Raw, expected: Uint8Array): Promise<void> {
    while (raw.heard().length < 2 * expected.length) await once(raw.socket, "data");
    expect(raw.heard()).toBe(toHex(expected));
  }

  const sendSlowly = async (raw: Raw, bytes: Uint8Array): Promise<void> => {
    for (const byte of bytes) {
      raw.socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const eight = Array.from({ length: 8 }, (_, id) => adu(id, 1, readOne));

  test.each<[string, (raw: Raw) => Promise<void> | void]>([
    [
      "is reset in the middle of a request",
      async (raw) => {
        raw.socket.write(request.subarray(0, 9));
        await new Promise((resolve) => setTimeout(resolve, 5));
        raw.reset();
      },
    ],
    [
      "is reset while its requests are open",
      (raw) => {
        raw.socket.write(join(...eight));
        raw.reset();
      },
    ],
    [
      "sends FIN behind half an ADU",
      async (raw) => {
        raw.socket.end(join(request, adu(2, 1, readOne).subarray(0, 9)));
        await raw.over;
        expect(raw.heard()).toBe(toHex(adu(1, 1, answer)));
      },
    ],
    [
      "sends byte by byte",
      async (raw) => {
        await sendSlowly(raw, join(request, adu(2, 1, readOne)));
        await hears(raw, join(adu(1, 1, answer), adu(2, 1, answer)));
      },
    ],
    [
      "sends eight ADUs in one segment",
      async (raw) => {
        raw.socket.write(join(...eight));
        await hears(raw, join(...eight.map((_, id) => adu(id, 1, answer))));
      },
    ],
    ...["0000", "0001", "00ff", "ffff"].map((length): [string, (raw: Raw) => Promise<void>] => [
      `promises a length of 0x${length}`,
      async (raw) => {
        raw.socket.write(join(parseHex(`0001 0000 ${length}`), new Uint8Array(300)));
        await raw.over;
        expect(raw.heard()).toBe("");
      },
    ]),
    [
      "names another protocol",
      async (raw) => {
        raw.socket.write(parseHex("0001 0001 0006 01 0300000001"));
        await raw.over;
        expect(raw.heard()).toBe("");
      },
    ],
  ])("%s disturbs nobody", async (_, act) => {
    const raw = await dial();
    await act(raw);
    expect([...(await witness.readHoldingRegisters(0, 1))]).toEqual([7]);
    await using next = await connect(url, { tls: tls.client, timeoutMs: 5000 });
    expect([...(await next.readHoldingRegisters(0, 1))]).toEqual([7]);
    expect(witness.discarded + next.discarded).toBe(0);
  });
});
