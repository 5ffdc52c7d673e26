import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { parseHex, toHex } from "@modwarden/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { connect } from "../client/connect.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import { adu, join } from "../testing/adu.ts";
import { type ModbusUrl, parseModbusUrl } from "../url.ts";
import { connectLink } from "./connect.ts";
import type { Link } from "./link.ts";
import { type Listening, listenLink } from "./listen.ts";
import { UdpPeers } from "./udp-server.ts";

const readOne = "03 0000 0001";
const anywhere = parseModbusUrl("modbus+udp://127.0.0.1:0");

describe("modbus over UDP", () => {
  const closers: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function serve(): Promise<{ server: ModbusServer; url: ModbusUrl }> {
    const server = createServer(createMemoryHandler({ holdingRegisters: Uint16Array.of(7, 8) }));
    closers.push(() => server.close());
    return { server, url: await server.listen(anywhere) };
  }

  /** A plain socket, and every datagram it hears. */
  async function peer(url: ModbusUrl): Promise<{ send: (bytes: Uint8Array) => void; next: () => Promise<string> }> {
    const socket: Socket = createSocket("udp4");
    closers.push(() => {
      socket.close();
    });
    socket.connect(url.port, url.host);
    await once(socket, "connect");
    const heard: Buffer[] = [];
    socket.on("message", (message) => heard.push(message));
    return {
      send: (bytes) => socket.send(bytes),
      async next() {
        while (heard.length === 0) await once(socket, "message");
        return toHex(heard.shift()!);
      },
    };
  }

  test("a client and a server speak, over IPv6 as well", async () => {
    const { server, url } = await serve();
    const six = await server.listen("modbus+udp://[::1]:0").catch(() => undefined);
    for (const place of [url, ...(six === undefined ? [] : [six])]) {
      await using client = await connect(place, { outstanding: 4 });
      expect([...(await client.readHoldingRegisters(0, 2))]).toEqual([7, 8]);
      await client.writeRegister(1, 9);
      expect([...(await client.readHoldingRegisters(1, 1))]).toEqual([9]);
      await client.writeRegister(1, 8);
    }
  });

  test("a datagram may hold several requests; each answer is a datagram of its own", async () => {
    const { url } = await serve();
    const { send, next } = await peer(url);
    send(join(adu(1, 1, readOne), adu(2, 1, "03 0001 0001")));
    expect(await next()).toBe(toHex(adu(1, 1, "03 02 0007")));
    expect(await next()).toBe(toHex(adu(2, 1, "03 02 0008")));
  });

  test.each([
    ["half a request", adu(9, 1, readOne).subarray(0, 9)],
    ["a request and half of the next", adu(9, 1, readOne).subarray(0, 9)],
    ["another protocol", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["a header without a PDU", parseHex("0001 0000 0001 01")],
    ["a length above the limit", parseHex("0001 0000 00ff 01 03")],
    ["nothing", new Uint8Array(0)],
  ])("%s leaves nothing behind for the next datagram", async (_, bytes) => {
    const { server, url } = await serve();
    const { send, next } = await peer(url);
    send(bytes);
    send(join(adu(1, 1, readOne), bytes));
    send(adu(2, 1, readOne));
    expect(await next()).toBe(toHex(adu(1, 1, "03 02 0007")));
    expect(await next()).toBe(toHex(adu(2, 1, "03 02 0007")));
    expect(server.connections).toBe(1);
  });

  test("a client hears its server only, and a port where nobody listens is a closed connection", async () => {
    const { url, server } = await serve();
    const client = await connect(url);
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    await server.close();
    await expect(client.readHoldingRegisters(0, 1, { timeoutMs: 2000 })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }),
    );
    await client.closed;
  });

  async function listen(options: { maxSockets?: number; udpIdleMs?: number }) {
    const links: { link: Link; closed: Promise<Error | undefined> }[] = [];
    const listening: Listening = await listenLink(anywhere, {
      ...options,
      onLink(link) {
        const closed = Promise.withResolvers<Error | undefined>();
        links.push({ link, closed: closed.promise });
        link.open({
          received: (chunk) => void link.write(Uint8Array.from(chunk)),
          finished: () => undefined,
          drained: () => undefined,
          closed: closed.resolve,
        });
      },
    });
    closers.push(async () => {
      await listening.close();
      for (const { link } of links) link.destroy();
    });
    return { links, url: listening.url };
  }

  test("a silent peer is forgotten, and a new link when it speaks again", async () => {
    const { links, url } = await listen({ udpIdleMs: 30 });
    const { send, next } = await peer(url);
    send(adu(1, 1, readOne));
    await next();
    expect(await links[0]!.closed).toBeUndefined();
    send(adu(2, 1, readOne));
    await next();
    expect(links.map(({ link }) => link.peer)).toEqual([links[0]!.link.peer, links[0]!.link.peer]);
  });

  test("one peer too many takes the place of the one that has been silent for longest", async () => {
    const { links, url } = await listen({ maxSockets: 2 });
    const peers = [await peer(url), await peer(url), await peer(url)];
    for (const index of [0, 1, 0, 2]) {
      peers[index]!.send(adu(index, 1, readOne));
      await peers[index]!.next();
    }
    await links[1]!.closed;
    peers[0]!.send(adu(4, 1, readOne));
    await peers[0]!.next();
    expect(links).toHaveLength(3);
  });

  test("what nobody can have asked is not answered and gets no link", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const own = socket.address().port;
    const links: Link[] = [];
    const peers = new UdpPeers(socket, {
      onLink(link) {
        links.push(link);
        link.open({
          received: (chunk) => void link.write(Uint8Array.from(chunk)),
          finished: () => undefined,
          drained: () => undefined,
          closed: () => undefined,
        });
      },
    });
    closers.push(() => {
      peers.close();
      for (const link of links) link.destroy();
    });
    const from = (port: number) => ({ address: "127.0.0.1", family: "IPv4" as const, port, size: 12 });
    // Port 0 is no place to answer to, and throws when it is tried.
    peers.receive(adu(1, 1, readOne), from(0));
    // Answers, as a server at the same port gives them to a request with a forged sender.
    peers.receive(adu(1, 1, "06 0000 0001"), from(own));
    peers.receive(adu(1, 1, "83 02"), from(5020));
    peers.receive(new TextEncoder().encode("M-SEARCH * HTTP/1.1\r\n\r\n"), from(1900));
    expect(links).toEqual([]);
    peers.receive(adu(1, 1, readOne), from(5020));
    expect(links.map(({ peer }) => peer)).toEqual(["127.0.0.1:5020"]);
  });

  test("a name that does not resolve and a port that is taken are no connection", async () => {
    const noConnection = expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" });
    const { url, server } = await serve();
    await expect(server.listen(url)).rejects.toEqual(noConnection);
    for (const call of [connectLink, (target: ModbusUrl) => server.listen(target)]) {
      await expect(call({ ...url, host: "no-such-host.invalid" })).rejects.toEqual(noConnection);
    }
    await expect(connectLink(url, { signal: AbortSignal.abort() })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_ABORTED" }),
    );
  });
});
