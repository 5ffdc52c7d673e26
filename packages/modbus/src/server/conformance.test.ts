import { parseHex, toHex } from "@modwarden/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Link } from "../link/link.ts";
import { adu, join } from "../testing/adu.ts";
import { type Place, streams } from "../testing/carriers.ts";
import { Tap } from "../testing/tap.ts";
import { type Handler, type HandlerResult, noReply, ServerException } from "./handler.ts";
import { createMemoryHandler } from "./memory-handler.ts";
import type { DropReason, ServerOptions } from "./options.ts";
import { createServer, type ModbusServer } from "./server.ts";

/** A server over the whole way, its clients in the hands of the test. */
describe.each(streams)("a server over $title", (carrier) => {
  const open: { readonly server: ModbusServer; readonly place: Place; readonly taps: Tap[] }[] = [];

  async function serve(handler: Handler, options: ServerOptions = {}) {
    const server = createServer(handler, { ...options, onDropped: (_, reason) => drops.push(reason) });
    const drops: DropReason[] = [];
    const writes: number[] = [];
    const peak = { bytes: 0 };
    const place = await carrier.open((link) => server.accept(counting(link, writes, peak)));
    const taps: Tap[] = [];
    open.push({ server, place, taps });
    const dial = async (): Promise<Tap> => {
      const tap = new Tap(await place.dial());
      taps.push(tap);
      return tap;
    };
    return { server, drops, writes, peak, dial };
  }

  afterEach(async () => {
    for (const { server, place, taps } of open.splice(0)) {
      for (const tap of taps) tap.link.destroy();
      await place.close();
      await server.close();
      expect(server.connections).toBe(0);
    }
  });

  const readOne = "03 0000 0001";
  const memory = (): Handler => createMemoryHandler({ holdingRegisters: Uint16Array.of(7, 8, 9), coils: 16 });

  test("answers with the transaction id and the unit of the request", async () => {
    const { dial } = await serve(memory());
    const tap = await dial();
    tap.write(adu(0xbeef, 17, readOne));
    expect(toHex(await tap.take(11))).toBe(toHex(adu(0xbeef, 17, "03 02 0007")));
  });

  test("tells the handler who asks", async () => {
    const asked: unknown[] = [];
    const { dial } = await serve((_, { unit, transport, certificate }) => {
      asked.push([unit, transport, certificate !== undefined]);
      throw new ServerException(11);
    });
    const tap = await dial();
    tap.write(join(adu(1, 5, readOne), adu(2, 5, readOne), adu(3, 255, readOne)));
    expect(toHex(await tap.take(27))).toBe(toHex(join(adu(1, 5, "83 0b"), adu(2, 5, "83 0b"), adu(3, 255, "83 0b"))));
    const secure = carrier.name === "tls";
    expect(asked).toEqual([5, 5, 255].map((unit) => [unit, carrier.name, secure]));
  });

  test("several requests in one segment are each answered, in order and in one write", async () => {
    const { dial, writes } = await serve(memory());
    const tap = await dial();
    const asked = [
      "03 0000 0001",
      "06 0001 0063",
      "03 0001 0001",
      "03 0003 0001",
      "01 0000 0003",
      "00",
      "03 0000 0000",
    ];
    const answers = ["03 02 0007", "06 0001 0063", "03 02 0063", "83 02", "01 01 00", "80 01", "83 03"];
    const expected = join(...answers.map((pdu, id) => adu(id, 1, pdu)));
    tap.write(join(...asked.map((pdu, id) => adu(id, 1, pdu))));
    expect(toHex(await tap.take(expected.length))).toBe(toHex(expected));
    expect(writes).toEqual([expected.length]);
  });

  test("handlers that answer at once and handlers that are done at once share one write", async () => {
    const { dial, writes } = await serve((request) => {
      if (request.kind === "write-single-register") return request;
      return (async () => ({ kind: "read-holding-registers", registers: await Promise.resolve(Uint16Array.of(5)) }))();
    });
    const tap = await dial();
    const expected = join(adu(1, 1, "06 0001 0002"), adu(2, 1, "03 02 0005"), adu(3, 1, "06 0001 0002"));
    tap.write(join(adu(1, 1, "06 0001 0002"), adu(2, 1, readOne), adu(3, 1, "06 0001 0002")));
    expect(toHex(await tap.take(expected.length))).toBe(toHex(expected));
    expect(writes).toEqual([expected.length]);
  });

  test("nothing malformed and nothing beyond the last address reaches the handler", async () => {
    const asked: string[] = [];
    const { dial } = await serve((request) => {
      asked.push(request.kind);
      throw new ServerException(7);
    });
    const tap = await dial();
    tap.write(join(adu(1, 1, "03 ffff 0002"), adu(2, 1, "10 ffff 0002 04 00010002"), adu(3, 1, "10 0000 0000 00")));
    tap.write(join(adu(4, 1, "03 ffff 0001")));
    const expected = join(adu(1, 1, "83 02"), adu(2, 1, "90 02"), adu(3, 1, "90 03"), adu(4, 1, "83 07"));
    expect(toHex(await tap.take(expected.length))).toBe(toHex(expected));
    expect(asked).toEqual(["read-holding-registers"]);
  });

  test("handlers that take their time answer in order, the ready ones together", async () => {
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<number>());
    const called = Promise.withResolvers<void>();
    const { dial, writes } = await serve((request) => {
      if (request.kind === "write-single-register") return request;
      if (request.kind !== "read-holding-registers") throw new ServerException(1);
      const { kind, address } = request;
      if (address === 3) called.resolve();
      return gates[address]!.promise.then((value) => ({ kind, registers: Uint16Array.of(value) }));
    });
    const tap = await dial();
    tap.write(join(...[0, 1, 2, 3].map((id) => adu(id, 1, `03 000${id} 0001`)), adu(9, 1, "06 0001 0002")));
    await called.promise;
    gates[3]!.resolve(3);
    gates[1]!.reject(new ServerException(6));
    gates[2]!.resolve(2);
    gates[0]!.resolve(0);
    const expected = join(
      adu(0, 1, "03 02 0000"),
      adu(1, 1, "83 06"),
      adu(2, 1, "03 02 0002"),
      adu(3, 1, "03 02 0003"),
      adu(9, 1, "06 0001 0002"),
    );
    expect(toHex(await tap.take(expected.length))).toBe(toHex(expected));
    expect(writes).toEqual([expected.length]);
  });

  test("with replies as they are ready, a slow one holds nothing up", async () => {
    const gate = Promise.withResolvers<HandlerResult>();
    const { dial } = await serve((request) => (request.kind === "read-coils" ? gate.promise : memoryAnswer), {
      replies: "ready",
    });
    const memoryAnswer = { kind: "read-holding-registers", registers: Uint16Array.of(5) } as const;
    const tap = await dial();
    tap.write(join(adu(1, 1, "01 0000 0001"), adu(2, 1, readOne)));
    expect(toHex(await tap.take(11))).toBe(toHex(adu(2, 1, "03 02 0005")));
    gate.resolve({ kind: "read-coils", bytes: Uint8Array.of(1) });
    expect(toHex(await tap.take(10))).toBe(toHex(adu(1, 1, "01 01 01")));
  });

  test("one request more than may be open is answered busy", async () => {
    const gate = Promise.withResolvers<void>();
    const { dial } = await serve(
      async (request) => {
        await gate.promise;
        if (request.kind !== "read-holding-registers") throw new ServerException(1);
        return { kind: request.kind, registers: Uint16Array.of(1) };
      },
      { outstanding: 2, replies: "ready" },
    );
    const tap = await dial();
    tap.write(join(adu(1, 1, readOne), adu(2, 1, readOne), adu(3, 1, readOne), adu(4, 1, "03 0000")));
    expect(toHex(await tap.take(18))).toBe(toHex(join(adu(3, 1, "83 06"), adu(4, 1, "83 03"))));
    gate.resolve();
    expect(toHex(await tap.take(22))).toBe(toHex(join(adu(1, 1, "03 02 0001"), adu(2, 1, "03 02 0001"))));
  });

  test.each([
    ["an unassigned function code", "09", "89 01"],
    ["function code 0", "00", "80 01"],
    ["a code with bit 7, which stays as it is", "83", "83 01"],
    ["a code the handler has no method for, whatever its body", "04 0000", "84 01"],
    ["a body that is too short", "03 0000", "83 03"],
    ["a body that is too long", "03 0000 0001 00", "83 03"],
    ["a quantity of 0", "03 0000 0000", "83 03"],
    ["a quantity above the limit", "03 0000 007e", "83 03"],
    ["a coil value that is neither on nor off", "05 0000 1234", "85 03"],
    ["an address beyond the last", "03 ffff 0002", "83 02"],
    ["an address that is malformed and beyond the last", "03 ffff 0000", "83 03"],
    ["an address the handler does not have", "03 0003 0001", "83 02"],
  ])("answers %s", async (_, request, response) => {
    const { "read-input-registers": _left, ...handler } = createMemoryHandler({ holdingRegisters: 3 });
    const { dial } = await serve(handler);
    const tap = await dial();
    tap.write(adu(1, 1, request));
    expect(toHex(await tap.take(9))).toBe(toHex(adu(1, 1, response)));
  });

  test("what a handler throws or gets wrong is a device failure, and reported", async () => {
    const errors: unknown[] = [];
    const mistake = new Error("mistake");
    const { dial } = await serve(
      (request) => {
        if (request.kind === "read-coils") throw mistake;
        if (request.kind === "read-discrete-inputs") return Promise.reject(mistake);
        if (request.kind === "read-input-registers")
          return { kind: "read-input-registers", registers: new Uint16Array(2) };
        return { kind: "read-input-registers", registers: new Uint16Array(1) };
      },
      { onError: (error) => errors.push(error) },
    );
    const tap = await dial();
    tap.write(join(...["01", "02", "03", "04"].map((code, id) => adu(id, 1, `${code} 0000 0001`))));
    expect(toHex(await tap.take(36))).toBe(
      toHex(join(...["81", "82", "83", "84"].map((code, id) => adu(id, 1, `${code} 04`)))),
    );
    expect(errors.filter((error) => error === mistake)).toHaveLength(2);
    expect(errors).toHaveLength(4);
  });

  test("a handler may stay silent, answer with anything or hang up", async () => {
    const { dial } = await serve((request, context) => {
      if (request.kind === "read-coils") return noReply;
      if (request.kind === "read-discrete-inputs") return { kind: "raw", bytes: Uint8Array.of(0xca, 0xfe) };
      context.disconnect();
      return noReply;
    });
    const tap = await dial();
    tap.write(join(adu(1, 1, "01 0000 0001"), adu(2, 1, "02 0000 0001")));
    expect(toHex(await tap.take(2))).toBe("cafe");
    tap.write(adu(3, 1, readOne));
    await tap.finished;
    expect(tap.waiting).toBe(0);
  });

  test.each([
    ["a protocol id other than 0", "0001 0001 0006 01 0300000001"],
    ["length 0", "0001 0000 0000"],
    ["length 1", "0001 0000 0001 01"],
    ["length 255, as soon as its header is there", "0001 0000 00ff"],
    ["length 0xFFFA", "0001 0000 fffa 01 03"],
    ["another protocol", toHex(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"))],
  ])("ends the connection for %s, behind the answers to what came before", async (_, hex) => {
    const { dial, drops, server } = await serve(memory());
    const tap = await dial();
    tap.write(join(adu(1, 1, readOne), parseHex(hex), adu(2, 1, readOne)));
    expect(toHex(await tap.take(11))).toBe(toHex(adu(1, 1, "03 02 0007")));
    await tap.finished;
    expect(tap.waiting).toBe(0);
    expect(drops).toEqual(["bad-frame"]);
    tap.link.end();
    await tap.closed;
    expect((await dial()).link.peer).toBeDefined();
    expect(server.connections).toBeLessThanOrEqual(1);
  });

  test("a request may be cut anywhere", async () => {
    const { dial } = await serve(memory());
    const tap = await dial();
    const [first, second] = [adu(1, 1, readOne), adu(2, 1, "10 0001 0001 02 0063")];
    const stream = join(first, second);
    for (let cut = 1; cut < stream.length; cut += 1) {
      tap.write(stream.subarray(0, cut));
      tap.write(stream.subarray(cut));
      expect(toHex(await tap.take(23))).toBe(toHex(join(adu(1, 1, "03 02 0007"), adu(2, 1, "10 0001 0001"))));
    }
    for (const byte of stream) tap.write([byte]);
    expect((await tap.take(23)).length).toBe(23);
  });

  test("a frame that is begun and not completed ends the connection, however its bytes trickle", async () => {
    const { dial, drops } = await serve(memory(), { frameTimeoutMs: 40 });
    const tap = await dial();
    // A header that promises 253 bytes of PDU.
    tap.write(join(adu(1, 1, readOne), parseHex("0002 0000 00fe 01 10")));
    await tap.take(11);
    const trickle = setInterval(() => tap.write([0]), 5);
    await tap.finished;
    clearInterval(trickle);
    expect(drops).toEqual(["frame-timeout"]);
  });

  test("an idle connection ends when the server says so, one with a request open does not", async () => {
    const gate = Promise.withResolvers<HandlerResult>();
    const asked = Promise.withResolvers<void>();
    const handler: Handler = () => {
      asked.resolve();
      return gate.promise;
    };
    const { dial, drops } = await serve(handler, { idleTimeoutMs: 120 });
    const busy = await dial();
    busy.write(adu(1, 1, readOne));
    await asked.promise;
    const idle = await dial();
    await idle.finished;
    expect(drops).toEqual(["idle"]);
    gate.resolve({ kind: "read-holding-registers", registers: Uint16Array.of(1) });
    expect((await busy.take(11)).length).toBe(11);
    await busy.finished;
    expect(drops).toEqual(["idle", "idle"]);
  });

  test("a connection too many takes the place of the longest idle one, and of none that is busy", async () => {
    const gate = Promise.withResolvers<HandlerResult>();
    const registers = Uint16Array.of(1);
    const { dial, drops, server } = await serve(
      (request) => (request.kind === "read-coils" ? gate.promise : { kind: "read-holding-registers", registers }),
      { connections: 2 },
    );
    const [oldest, second] = [await dial(), await dial()];
    for (const tap of [second, oldest]) {
      tap.write(adu(1, 1, readOne));
      await tap.take(11);
    }
    const third = await dial();
    await second.finished;
    expect(drops).toEqual(["displaced"]);
    for (const tap of [oldest, third]) tap.write(join(adu(1, 1, readOne), adu(2, 1, "01 0000 0001")));
    await Promise.all([oldest, third].map((tap) => tap.take(11)));
    const refused = await dial();
    await refused.finished;
    expect(drops).toEqual(["displaced", "too-many-connections"]);
    expect(server.connections).toBe(2);
    gate.resolve({ kind: "read-coils", bytes: Uint8Array.of(1) });
    await Promise.all([oldest, third].map((tap) => tap.take(10)));
  });

  test("a client that does not read is not read from, and ends when it stays so", async () => {
    const { server, drops, peak, dial } = await serve(createMemoryHandler(), { stallTimeoutMs: 200 });
    const tap = await dial();
    tap.link.pause();
    // Requests of 12 bytes, answers of 259: whatever the buffers on the way hold, the answers fill it first.
    const burst = join(...Array.from({ length: 1000 }, (_, id) => adu(id, 1, "03 0000 007d")));
    const feed = setInterval(() => tap.write(burst), 1);
    while (drops.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clearInterval(feed);
    expect(drops).toEqual(["stalled"]);
    // At most the answers to what one read of 64 KiB holds.
    expect(peak.bytes).toBeGreaterThan(0);
    expect(peak.bytes).toBeLessThan(2_000_000);
    tap.link.destroy();
    await tap.closed;
    await server.close();
  });

  test("a client that reads late gets every answer, in order", async () => {
    const { dial, drops } = await serve(createMemoryHandler());
    const tap = await dial();
    tap.link.pause();
    const count = 5000;
    for (let id = 0; id < count; id += 1) tap.write(adu(id, 1, "03 0000 007d"));
    await new Promise((resolve) => setImmediate(resolve));
    tap.link.resume();
    const answers = await tap.take(259 * count);
    for (let id = 0; id < count; id += 1) expect((answers[259 * id]! << 8) | answers[259 * id + 1]!).toBe(id);
    expect(drops).toEqual([]);
  });

  test("whatever a client sends, it is answered or hung up on, and others are served", async () => {
    const errors: unknown[] = [];
    const { dial } = await serve(createMemoryHandler(), { onError: (error) => errors.push(error) });
    const witness = await dial();
    const garbage = fc.uint8Array({ maxLength: 300 });
    const framed = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 253 }), fc.nat(255))
      .map(([pdu, unit]) => adu(1, unit, toHex(pdu)));
    const half = fc.tuple(framed, fc.nat(260)).map(([bytes, cut]) => bytes.subarray(0, cut));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(garbage, framed, half), { minLength: 1, maxLength: 5 }), async (pieces) => {
        const tap = await dial();
        for (const piece of pieces) tap.write(piece);
        tap.link.end();
        await tap.closed;
        witness.write(adu(5, 1, "03 0000 0001"));
        expect(toHex((await witness.take(11)).subarray(0, 8))).toBe("0005000000050103");
      }),
      { numRuns: carrier.name === "tls" ? 20 : 100 },
    );
    expect(errors).toEqual([]);
  });

  test("closing ends every connection", async () => {
    const { server, dial } = await serve(memory());
    const taps = [await dial(), await dial()];
    for (const tap of taps) {
      tap.write(adu(1, 1, readOne));
      await tap.take(11);
    }
    expect(server.connections).toBe(2);
    await server.close();
    await Promise.all(taps.map((tap) => tap.finished));
    await server.close();
  });
});

/** The link, with the size of each of its writes and the most it ever had to hold. */
function counting(link: Link, writes: number[], peak: { bytes: number }): Link {
  return {
    transport: link.transport,
    peer: link.peer,
    certificate: link.certificate,
    get buffered() {
      return link.buffered;
    },
    open: (listener) => link.open(listener),
    write(bytes) {
      writes.push(bytes.length);
      const more = link.write(bytes);
      peak.bytes = Math.max(peak.bytes, link.buffered);
      return more;
    },
    ...(link.send === undefined
      ? {}
      : {
          send(bytes: Uint8Array, at: number, end: number) {
            const sent = link.send!(bytes, at, end);
            if (sent > 0) writes.push(sent);
            return sent;
          },
        }),
    pause: () => link.pause(),
    resume: () => link.resume(),
    end: () => link.end(),
    destroy: () => link.destroy(),
  };
}
