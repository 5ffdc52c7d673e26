import { expect, test } from "vitest";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { connect } from "./connect.ts";
import { kept } from "./kept.ts";

test("a copy shares no array with what it was made of", () => {
  const request = {
    kind: "write-file-record",
    records: [{ file: 4, record: 0, values: Uint16Array.of(1, 2) }],
    coils: [true, false],
    data: Uint8Array.of(9),
  };
  const copy = kept(request);
  expect(copy).toEqual(request);
  request.records[0]!.values[0] = 7;
  request.coils[0] = false;
  request.data[0] = 7;
  expect(copy).toMatchObject({ records: [{ values: Uint16Array.of(1, 2) }], coils: [true, false] });
  expect(copy.data).toEqual(Uint8Array.of(9));
  const pdu = Buffer.from([3, 0]);
  expect([...kept(pdu.subarray(1))]).toEqual([0]);
});

test("a write that waits for a connection writes what was given, whatever becomes of the array", async () => {
  const memory = createMemoryHandler({ files: new Map([[4, new Uint16Array(4)]]) });
  const first = createServer(memory);
  const url = await first.listen("modbus+tcp://127.0.0.1:0");
  await first.close();
  await using client = await connect(url, { reconnect: { lazy: true, minMs: 10, maxMs: 20, queueWhileDownMs: 5000 } });
  const values = Uint16Array.of(1, 2);
  const pdu = Uint8Array.of(6, 0, 9, 0, 5);
  const writes = [client.writeRegisters(0, values), client.raw(pdu)];
  values.fill(9);
  pdu.fill(9);
  await using second = createServer(memory);
  await second.listen(url);
  await Promise.all(writes);
  expect([...memory.tables.holdingRegisters.subarray(0, 10)]).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 5]);

  // What the answer is compared with stays as it was, too.
  const records = Uint16Array.of(5, 6);
  const data = Uint8Array.of(1, 2);
  const compared = [client.writeFileRecord(4, 0, records), client.diagnostics.returnQueryData(data)];
  records.fill(0);
  data.fill(0);
  const [written, returned] = await Promise.allSettled(compared);
  expect(written).toMatchObject({ status: "fulfilled" });
  expect(returned).toMatchObject({ reason: { code: "ERR_MODBUS_EXCEPTION" } });
});
