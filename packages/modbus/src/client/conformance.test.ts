import { type ModbusErrorCode, toHex } from "@modwarden/protocol";
import { afterEach, describe, expect, test } from "vitest";
import type { Link } from "../link/link.ts";
import { adu, join } from "../testing/adu.ts";
import { type Place, streams } from "../testing/carriers.ts";
import { Tap } from "../testing/tap.ts";
import { type Client, type ClientOptions, createClient } from "./client.ts";

const refusedAs = (code: ModbusErrorCode, more: object = {}) => expect.objectContaining({ code, ...more });

/** A client, and its server's end in the hands of the test. Both answer to nobody else. */
describe.each(streams)("a client over $title", (carrier) => {
  const places: Place[] = [];
  const ends: { client: Client; device: Tap }[] = [];

  async function dial(options: ClientOptions = {}): Promise<{ client: Client; device: Tap }> {
    const accepted = Promise.withResolvers<Link>();
    const place = await carrier.open(accepted.resolve);
    places.push(place);
    const client = createClient(await place.dial(), options);
    const end = { client, device: new Tap(await accepted.promise) };
    ends.push(end);
    return end;
  }

  /** Sends a request that is answered, so that the connection is known to work. */
  async function works({ client, device }: { client: Client; device: Tap }): Promise<void> {
    const registers = client.readHoldingRegisters(0, 1);
    const request = await device.take(12);
    device.write(adu((request[0]! << 8) | request[1]!, 1, "03 02 0007"));
    expect([...(await registers)]).toEqual([7]);
  }

  afterEach(async () => {
    for (const { client, device } of ends.splice(0)) {
      device.link.destroy();
      await client.close();
      await client.closed;
    }
    await Promise.all(places.splice(0).map((place) => place.close()));
  });

  test("asks with its unit, a view's unit or the request's", async () => {
    const { client, device } = await dial({ unit: 9, outstanding: 4 });
    const answers = [
      client.readCoils(0, 3),
      client.unit(17).readDiscreteInputs(1, 1),
      client.readInputRegisters(2, 2, { unit: 0 }),
    ];
    //                                            tx id | proto | length | unit | fc | address | quantity
    expect(toHex(await device.take(12))).toBe("0000" + "0000" + "0006" + "09" + "01" + "0000" + "0003");
    expect(toHex(await device.take(12))).toBe("0001" + "0000" + "0006" + "11" + "02" + "0001" + "0001");
    expect(toHex(await device.take(12))).toBe("0002" + "0000" + "0006" + "00" + "04" + "0002" + "0002");
    // Out of order, and with rubbish in the bits that were not asked for.
    device.write(join(adu(2, 0, "04 04 0001 ffff"), adu(0, 9, "01 01 fd"), adu(1, 17, "02 01 ff")));
    expect(await Promise.all(answers)).toEqual([[true, false, true], [true], Uint16Array.of(1, 0xffff)]);
  });

  test("writes, masks and reads while writing, and compares the echoes", async () => {
    const { client, device } = await dial({ outstanding: 16 });
    const cases: readonly (readonly [Promise<unknown>, string, string, unknown])[] = [
      [client.writeCoil(1, true), "05 0001 ff00", "05 0001 ff00", undefined],
      [client.writeRegister(1, 65535), "06 0001 ffff", "06 0001 ffff", undefined],
      [client.writeCoils(2, [true, false, true]), "0f 0002 0003 01 05", "0f 0002 0003", undefined],
      [client.writeRegisters(3, [1, 2]), "10 0003 0002 04 0001 0002", "10 0003 0002", undefined],
      [client.maskWriteRegister(4, 0xf2, 0x25), "16 0004 00f2 0025", "16 0004 00f2 0025", undefined],
      [
        client.readWriteRegisters({ address: 5, quantity: 1 }, { address: 6, values: [9] }),
        "17 0005 0001 0006 0001 02 0009",
        "17 02 0008",
        Uint16Array.of(8),
      ],
    ];
    for (const [transaction, [result, request, response, expected]] of cases.entries()) {
      const asked = adu(transaction, 1, request);
      expect(toHex(await device.take(asked.length))).toBe(toHex(asked));
      device.write(adu(transaction, 1, response));
      expect(await result).toEqual(expected);
    }
  });

  test.each([
    ["another value echoed", "06 0001 0003"],
    ["another address echoed", "06 0002 0002"],
    ["another function", "03 02 0002"],
    ["an exception to another function", "83 02"],
    ["a byte too few", "06 0001 00"],
    ["a byte too many", "06 0001 0002 00"],
    ["an exception of one byte", "86"],
  ])("refuses an answer that does not fit: %s", async (_, pdu) => {
    const end = await dial();
    const written = end.client.writeRegister(1, 2);
    await end.device.take(12);
    end.device.write(adu(0, 1, pdu));
    await expect(written).rejects.toEqual(refusedAs("ERR_MODBUS_BAD_RESPONSE"));
    await works(end);
  });

  test("refuses an answer from another unit, unless it was told that its device does that", async () => {
    for (const anyUnit of [false, true]) {
      const { client, device } = await dial({ anyUnit });
      const read = client.readHoldingRegisters(0, 1);
      await device.take(12);
      device.write(adu(0, 255, "03 02 0005"));
      if (anyUnit) expect([...(await read)]).toEqual([5]);
      else await expect(read).rejects.toEqual(refusedAs("ERR_MODBUS_BAD_RESPONSE"));
    }
  });

  test("takes answers with any transaction id when it was told to, and does not trust the connection after silence", async () => {
    const { client, device } = await dial({ anyTransaction: true });
    for (const id of [0, 0, 500]) {
      const read = client.readHoldingRegisters(0, 1);
      await device.take(12);
      device.write(adu(id, 1, "03 02 0005"));
      expect([...(await read)]).toEqual([5]);
    }
    const late = client.readHoldingRegisters(0, 1, { timeoutMs: 20 });
    const next = client.readHoldingRegisters(1, 1);
    next.catch(() => undefined);
    await expect(late).rejects.toEqual(refusedAs("ERR_MODBUS_TIMEOUT"));
    await expect(next).rejects.toEqual(refusedAs("ERR_MODBUS_CLOSED"));
    await client.closed;
    await expect(dial({ anyTransaction: true, outstanding: 2 })).rejects.toEqual(refusedAs("ERR_MODBUS_BAD_VALUE"));
  });

  test("an exception is an error with its code, also an unassigned one", async () => {
    const { client, device } = await dial();
    for (const exception of [2, 200]) {
      const read = client.readHoldingRegisters(0, 1);
      const request = await device.take(12);
      device.write(adu(request[1]!, 1, `83 ${exception.toString(16).padStart(2, "0")}`));
      await expect(read).rejects.toEqual(refusedAs("ERR_MODBUS_EXCEPTION", { exception, functionCode: 3 }));
    }
  });

  test("refuses arguments outside the limits before anything is sent", async () => {
    const end = await dial();
    const { client } = end;
    const refused = async (code: ModbusErrorCode, call: Promise<unknown>): Promise<void> =>
      expect(call).rejects.toEqual(refusedAs(code));
    await refused("ERR_MODBUS_BAD_REQUEST", client.readCoils(0, 2001));
    await refused("ERR_MODBUS_BAD_REQUEST", client.readHoldingRegisters(0, 0));
    await refused("ERR_MODBUS_BAD_REQUEST", client.readHoldingRegisters(-1, 1));
    await refused("ERR_MODBUS_BAD_REQUEST", client.writeRegister(0, 65_536));
    await refused("ERR_MODBUS_BAD_VALUE", client.writeRegisters(0, [1.5]));
    await refused("ERR_MODBUS_BAD_VALUE", client.writeRegisters(0, [-1]));
    await refused("ERR_MODBUS_BAD_VALUE", client.writeRegisters(0, { length: 1e9 }));
    await refused("ERR_MODBUS_BAD_REQUEST", client.writeRegisters(0, new Uint16Array(124)));
    await refused("ERR_MODBUS_BAD_VALUE", client.readCoils(0, 1, { unit: 256 }));
    await refused("ERR_MODBUS_BAD_VALUE", client.readCoils(0, 1, { timeoutMs: -1 }));
    await refused("ERR_MODBUS_BAD_VALUE", client.raw(new Uint8Array(254)));
    await works(end);
  });

  test("raw gives the response PDU as it came", async () => {
    const { client, device } = await dial();
    for (const [transaction, pdu] of ["80 01", "41 010203", "83 02"].entries()) {
      const answer = client.raw(Uint8Array.of(0x41, 5));
      expect(toHex((await device.take(9)).subarray(7))).toBe("4105");
      device.write(adu(transaction, 1, pdu));
      const bytes = await answer;
      expect(toHex(bytes)).toBe(pdu.replaceAll(" ", ""));
      // Its own memory, not a view of what the link received.
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });

  test("keeps to the number of requests that may be open, and to its queue", async () => {
    const { client, device } = await dial({ outstanding: 2, queue: 1 });
    const reads = [1, 2, 3].map((address) => client.readHoldingRegisters(address, 1));
    await expect(client.readHoldingRegisters(4, 1)).rejects.toEqual(refusedAs("ERR_MODBUS_QUEUE_FULL"));
    await device.take(24);
    expect(device.waiting).toBe(0);
    device.write(adu(1, 1, "03 02 0002"));
    expect(toHex((await device.take(12)).subarray(7))).toBe("0300030001");
    device.write(join(adu(2, 1, "03 02 0003"), adu(0, 1, "03 02 0001")));
    expect((await Promise.all(reads)).map((registers) => registers[0])).toEqual([1, 2, 3]);
  });

  test("answers may come in any order and cut anywhere", async () => {
    const count = 16;
    const { client, device } = await dial({ outstanding: count });
    const reads = Array.from({ length: count }, (_, index) => client.readHoldingRegisters(index, 1));
    await device.take(12 * count);
    const order = Array.from({ length: count }, (_, index) => (index * 7 + 3) % count);
    const stream = join(...order.map((id) => adu(id, 1, `03 02 00${id.toString(16).padStart(2, "0")}`)));
    for (let at = 0, step = 1; at < stream.length; at += step, step = (step % 13) + 1) {
      device.write(stream.subarray(at, at + step));
    }
    expect((await Promise.all(reads)).map((registers) => registers[0])).toEqual(reads.map((_, index) => index));
  });

  test("a late answer after a time-out never reaches a later request", async () => {
    const end = await dial();
    const { client, device } = end;
    await expect(client.readHoldingRegisters(0, 1, { timeoutMs: 20 })).rejects.toEqual(refusedAs("ERR_MODBUS_TIMEOUT"));
    const next = client.readHoldingRegisters(1, 1);
    await device.take(24);
    device.write(join(adu(0, 1, "03 02 dead"), adu(0, 1, "03 02 dead"), adu(1, 1, "03 02 0001")));
    expect([...(await next)]).toEqual([1]);
    expect(client.discarded).toBe(2);
    await works(end);
  });

  test("each request has its own time-out, and those that wait for their turn go on", async () => {
    const { client, device } = await dial({ outstanding: 1, timeoutMs: 60_000 });
    const slow = client.readHoldingRegisters(0, 1, { timeoutMs: 30 });
    const waits = client.readHoldingRegisters(1, 1, { timeoutMs: 20 });
    const last = client.readHoldingRegisters(2, 1);
    await expect(slow).rejects.toEqual(refusedAs("ERR_MODBUS_TIMEOUT"));
    await expect(waits).rejects.toEqual(refusedAs("ERR_MODBUS_TIMEOUT"));
    await device.take(36);
    device.write(adu(2, 1, "03 02 0002"));
    expect([...(await last)]).toEqual([2]);
  });

  test("an abort ends a request before it starts, while it waits and while it is open", async () => {
    const end = await dial({ timeoutMs: 60_000 });
    const { client, device } = end;
    const reason = new Error("enough");
    const before = client.readHoldingRegisters(0, 1, { signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toEqual(refusedAs("ERR_MODBUS_ABORTED", { cause: reason }));

    const [first, second] = [new AbortController(), new AbortController()];
    const open = client.readHoldingRegisters(1, 1, { signal: first.signal });
    const waits = client.readHoldingRegisters(2, 1, { signal: second.signal });
    const third = client.readHoldingRegisters(3, 1);
    second.abort(reason);
    await expect(waits).rejects.toEqual(refusedAs("ERR_MODBUS_ABORTED", { cause: reason }));
    first.abort();
    await expect(open).rejects.toEqual(refusedAs("ERR_MODBUS_ABORTED"));
    await device.take(24);
    device.write(join(adu(0, 1, "03 02 dead"), adu(1, 1, "03 02 0003")));
    expect([...(await third)]).toEqual([3]);
    // An abort that comes too late changes nothing.
    const done = new AbortController();
    const read = client.readHoldingRegisters(4, 1, { signal: done.signal });
    await device.take(12);
    device.write(adu(2, 1, "03 02 0004"));
    expect([...(await read)]).toEqual([4]);
    done.abort();
    await works(end);
  });

  test.each([
    ["ends the connection", (device: Tap) => device.link.end()],
    ["breaks the connection off", (device: Tap) => device.link.destroy()],
    [
      "ends it in the middle of an answer",
      (device: Tap) => {
        device.write(adu(1, 1, "03 02 0001").subarray(0, 9));
        device.link.end();
      },
    ],
    ["sends something that is no Modbus", (device: Tap) => device.write(new TextEncoder().encode("HTTP/1.1 400\r\n"))],
    ["sends a header without a PDU", (device: Tap) => device.write([0, 1, 0, 0, 0, 1, 1])],
  ])("when the server %s, every request ends as closed", async (_, act) => {
    const end = await dial({ outstanding: 2 });
    const { client, device } = end;
    await works(end);
    const reads = [1, 2, 3].map((address) => client.readHoldingRegisters(address, 1));
    await device.take(24);
    act(device);
    for (const read of reads) await expect(read).rejects.toEqual(refusedAs("ERR_MODBUS_CLOSED"));
    await expect(client.readHoldingRegisters(0, 1)).rejects.toEqual(refusedAs("ERR_MODBUS_CLOSED"));
    await client.closed;
  });

  test("close ends what is open and what waits, and the server hears it", async () => {
    const { client, device } = await dial();
    const reads = [1, 2].map((address) => client.readHoldingRegisters(address, 1));
    await device.take(12);
    const closing = client.close();
    for (const read of reads) await expect(read).rejects.toEqual(refusedAs("ERR_MODBUS_CLOSED"));
    await closing;
    await client.close();
    await client.closed;
    await device.finished;
  });

  test("follows a device identification to its end, and no device in circles", async () => {
    const { client, device } = await dial();
    const identified = client.readDeviceIdentification({ category: "basic" });
    expect(toHex((await device.take(11)).subarray(7))).toBe("2b0e0100");
    device.write(adu(0, 1, "2b 0e 01 81 ff 01 01 00 02 4142"));
    expect(toHex((await device.take(11)).subarray(7))).toBe("2b0e0101");
    device.write(adu(1, 1, "2b 0e 01 81 00 00 02 01 01 43 02 00"));
    expect([...(await identified)]).toEqual([
      [0, "AB"],
      [1, "C"],
      [2, ""],
    ]);
    const circles = client.readDeviceIdentification();
    await device.take(11);
    device.write(adu(2, 1, "2b 0e 02 81 ff 01 01 00 01 41"));
    await device.take(11);
    device.write(adu(3, 1, "2b 0e 02 81 ff 01 01 01 01 41"));
    await expect(circles).rejects.toEqual(refusedAs("ERR_MODBUS_BAD_RESPONSE"));
  });
});
