import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type HostileDevice, hostileDevice } from "./testing/hostile-device.ts";
import { adu, type Rig, startRig, type TestClient } from "./testing/rig.ts";

/**
 * Many clients at random in front of a device that does everything wrong. Whatever happens: no reply reaches the wrong
 * client, replies keep their order, no write reaches the device twice, nothing malformed reaches it, and in the end
 * everything is given back.
 */
let rig: Rig | undefined;
let hostile: HostileDevice | undefined;
/** Replies that no client may get. */
const faults: string[] = [];
afterEach(async () => {
  await rig?.stop();
  hostile?.close();
  rig = undefined;
  hostile = undefined;
});

const CLIENTS = 12;
const ROUNDS = 30;
/** The device is left alone for a while now and then: clients go on until so many writes have reached it. */
const WRITES = 60;
const MOST_ROUNDS = 300;

/** A small generator of pseudo-random numbers (xorshift32): one seed, one run. */
function randomOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

interface Asked {
  readonly transaction: number;
  readonly kind: "read" | "write" | "malformed" | "unknown" | "route";
  readonly address: number;
}

function writesOf(pdus: readonly string[]): string[] {
  return pdus.filter((pdu) => pdu.startsWith("06"));
}

let unique = 0;

function ask(random: () => number, transaction: number): { readonly asked: Asked; readonly bytes: Buffer } {
  const kinds = ["read", "read", "read", "write", "malformed", "unknown", "route"] as const;
  const kind = kinds[random() % kinds.length] ?? "read";
  unique += 1;
  const address = unique & 0x7fff;
  const hex = address.toString(16).padStart(4, "0");
  const pdu = {
    read: `03 ${hex} 0001`,
    write: `06 ${hex} ${hex}`,
    malformed: `03 ${hex} 0000`,
    unknown: "5a 00",
    route: "03 0000 0001",
  };
  return { asked: { transaction, kind, address }, bytes: adu(transaction, kind === "route" ? 99 : 1, pdu[kind]) };
}

/** What is wrong with `reply` as the answer to `asked`; undefined when nothing is. */
function wrong({ transaction, kind, address }: Asked, reply: string): string | undefined {
  const id = transaction.toString(16).padStart(4, "0");
  const hex = address.toString(16).padStart(4, "0");
  const body = reply.slice(14);
  const busy = { read: "8306", write: "8606", malformed: "", unknown: "", route: "" }[kind];
  const fits = {
    read: body === `0302${hex}` || ["8302", "8304", "830b"].includes(body),
    write: body === `06${hex}${hex}` || ["8602", "8604", "860b"].includes(body),
    malformed: body === "8303",
    unknown: body === "da01",
    route: body === "830a",
  }[kind];
  return reply.startsWith(id) && (fits || body === busy) ? undefined : `${kind} ${id} ${hex} got ${reply}`;
}

/** One client: sends at random, cut at random, and leaves at random; checks every reply that it gets. */
async function play(line: Rig, seed: number): Promise<void> {
  const random = randomOf(seed);
  for (
    let round = 0;
    round < ROUNDS || (round < MOST_ROUNDS && writesOf(hostile?.reached ?? []).length < WRITES);
    round += 1
  ) {
    const client = await line.open();
    const asked: Asked[] = [];
    const parts: Buffer[] = [];
    for (let count = 1 + (random() % 20); count > 0; count -= 1) {
      const one = ask(random, random() & 0xffff);
      asked.push(one.asked);
      parts.push(one.bytes);
    }
    await sendCut(client, Buffer.concat(parts), random);
    const leave = random() % 6;
    const stay = leave < 3 ? asked.length : random() % asked.length;
    for (const expected of asked.slice(0, stay)) {
      const fault = wrong(expected, await client.reply(10_000));
      if (fault !== undefined) faults.push(fault);
    }
    if (leave === 0 || leave === 3) client.socket.resetAndDestroy();
    else if (leave === 4) client.socket.end(Buffer.from("000100", "hex"));
    else client.socket.end();
    await new Promise((resolve) => setTimeout(resolve, random() % 100));
  }
}

async function sendCut(client: TestClient, bytes: Buffer, random: () => number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const size = random() % 3 === 0 ? 1 + (random() % 9) : bytes.length;
    client.send(bytes.subarray(at, at + size));
    at += size;
    if (random() % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function isPermittedWrite({ kind, operation, decision }: Rig["records"][number]): boolean {
  const { function: code } = (operation ?? {}) as { readonly function?: number };
  return kind === "transaction" && code === 6 && (decision as { readonly permit: boolean }).permit;
}

function hexOf(accesses: unknown): string {
  const [access] = accesses as readonly { readonly address: number }[];
  return (access?.address ?? 0).toString(16).padStart(4, "0");
}

describe("the line under everything at once", () => {
  it.each([1, 4])(
    "keeps every promise, with %i requests at the device at once",
    async (outstanding) => {
      const seed = fc.sample(fc.integer(), 1)[0] ?? 1;
      const random = randomOf(seed);
      faults.length = 0;
      const device = await hostileDevice(random);
      hostile = device;
      const started = await startRig({
        role: "Operator",
        device: { port: device.port, timeoutMs: 100, outstanding },
        audit: { reads: "rollup" },
        limits: { outstandingPerConnection: 8, queuePerDevice: 40, connectionsPerSource: 200 },
      });
      rig = started;
      const { line, records } = started;
      const toggle = setInterval(() => {
        started.durable = random() % 4 !== 0;
        if (random() % 8 === 0) started.apply({});
        expect(line.devices()[0]!.inFlight).toBeLessThanOrEqual(outstanding);
        expect(line.devices()[0]!.queued).toBeLessThanOrEqual(40);
        expect(line.slots.inUse).toBeLessThanOrEqual(CLIENTS * 64 + 40);
      }, 7);
      await Promise.all(Array.from({ length: CLIENTS }, (_, index) => play(started, seed + 7919 * (index + 1))));
      clearInterval(toggle);
      started.durable = true;
      expect([...faults, ...device.faults], `seed ${seed}`).toEqual([]);
      await expect.poll(() => line.sessions, { timeout: 5_000 }).toBe(0);
      await expect.poll(() => line.slots.inUse, { timeout: 5_000 }).toBe(0);
      expect(line.journal.waiting).toBe(0);
      expect(line.connections()).toEqual([0]);
      // Every write is unlike every other: what reached the device twice was sent twice.
      const writes = writesOf(device.reached);
      expect(new Set(writes).size, `seed ${seed}`).toBe(writes.length);
      expect(writes.length).toBeGreaterThanOrEqual(WRITES);
      // Each of them has a record of its own, whatever became of its client.
      const unrecorded = (): string[] => {
        const recorded = new Set(records.filter(isPermittedWrite).map(({ accesses }) => hexOf(accesses)));
        return writes.map((pdu) => pdu.slice(2, 6)).filter((address) => !recorded.has(address));
      };
      await expect.poll(unrecorded).toEqual([]);
      expect(line.counters.unrecorded).toBe(0);
      expect(line.counters.closedErrors).toBe(0);
    },
    60_000,
  );
});
