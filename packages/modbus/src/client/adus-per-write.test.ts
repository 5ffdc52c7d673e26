import { toHex } from "@modwarden/protocol";
import { expect, test } from "vitest";
import { createMemoryLink } from "../link/memory.ts";
import { adu, join } from "../testing/adu.ts";
import { type Client, type ClientOptions, createClient } from "./client.ts";

/** A client and the writes that leave it. */
function bench(options: ClientOptions): {
  readonly client: Client;
  readonly writes: string[];
  answer(...adus: Uint8Array[]): void;
} {
  const { client: near, server: far } = createMemoryLink();
  const writes: string[] = [];
  const write = near.write.bind(near);
  near.write = (bytes) => {
    writes.push(toHex(bytes));
    return write(bytes);
  };
  far.open({
    received: () => undefined,
    finished: () => undefined,
    drained: () => undefined,
    closed: () => undefined,
  });
  const client = createClient(near, options);
  return { client, writes, answer: (...adus) => far.write(join(...adus)) };
}

const asked = (id: number): string => toHex(adu(id, 1, "03 0000 0001"));
const answered = (id: number): Uint8Array => adu(id, 1, "03 02 0007");

test("a request is a write of its own, unless the client is told otherwise", async () => {
  const { client, writes, answer } = bench({ outstanding: 3 });
  const reads = [0, 1, 2].map(() => client.readHoldingRegisters(0, 1));
  expect(writes).toEqual([asked(0), asked(1), asked(2)]);
  answer(answered(0), answered(1), answered(2));
  await Promise.all(reads);
  await client.close();
});

test("with several ADUs per write, the requests of one turn share one, those that answers bring about included", async () => {
  const { client, writes, answer } = bench({ outstanding: 3, adusPerWrite: "several" });
  const twice = async (): Promise<void> => {
    for (let round = 0; round < 2; round += 1) expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
  };
  const readers = [twice(), twice(), twice()];
  expect(writes).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toEqual([asked(0) + asked(1) + asked(2)]);
  answer(answered(0), answered(1), answered(2));
  while (writes.length < 2) await new Promise((resolve) => setImmediate(resolve));
  answer(answered(3), answered(4), answered(5));
  await Promise.all(readers);
  expect(writes.slice(1)).toEqual([asked(3) + asked(4) + asked(5)]);
  await client.close();
});
