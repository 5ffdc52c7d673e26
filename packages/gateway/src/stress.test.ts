import { createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, startRig, type TestClient } from "./testing/rig.ts";

/**
 * Many clients at random in front of a device that does everything wrong. Whatever happens: no reply reaches the wrong
 * client, replies keep their order, no write reaches the device twice, nothing malformed reaches it, and in the end
 * everything is given back.
 */
let rig: Rig | undefined;
let hostile: Server | undefined;
afterEach(async () => {
  await rig?.stop();
  hostile?.close();
  rig = undefined;
  hostile = undefined;
});

const CLIENTS = 12;
const ROUNDS = 40;

type Mood = "answer" | "exception" | "lie" | "late" | "silent" | "reset" | "end" | "stray" | "garbage" | "slice";
/** What ends the connection makes the gateway leave the device alone for a while: seldom, or little would reach it. */
const moods: readonly Mood[] = [
  ...Array<Mood>(300).fill("answer"),
  ...(["exception", "lie", "late", "end", "stray", "slice"] as const).flatMap((mood) => Array<Mood>(8).fill(mood)),
  "silent",
  "reset",
  "garbage",
];

/** What reached the device, as the PDU's hex, and what was wrong with how it came. */
const reached: string[] = [];
const faults: string[] = [];

function answerOf(pdu: Buffer): string {
  // A read answers with its own address, so that a reply which goes astray is seen.
  if (pdu[0] === 3) return `03 02 ${pdu.subarray(1, 3).toString("hex")}`;
  return pdu.toString("hex");
}

function behave(socket: Socket, request: Buffer, mood: Mood): void {
  const transaction = request.readUInt16BE(0);
  const pdu = request.subarray(7);
  const honest = adu(transaction, 9, answerOf(pdu));
  const write = (bytes: Buffer): void => {
    if (!socket.destroyed) socket.write(bytes);
  };
  switch (mood) {
    case "answer":
      write(honest);
      break;
    case "exception":
      write(adu(transaction, 9, `${((pdu[0] ?? 0) | 0x80).toString(16).padStart(2, "0")} 02`));
      break;
    case "lie":
      write(adu(transaction, 9, "04 02 6666"));
      break;
    case "late":
      setTimeout(() => write(honest), 60);
      break;
    case "silent":
      break;
    case "reset":
      socket.resetAndDestroy();
      break;
    case "end":
      socket.end(honest);
      break;
    case "stray":
      write(Buffer.concat([adu((transaction + 77) & 0xffff, 9, "03 02 6666"), honest, honest]));
      break;
    case "garbage":
      write(Buffer.from("0001beef0006", "hex"));
      break;
    case "slice":
      write(honest.subarray(0, 4));
      setTimeout(() => write(honest.subarray(4)), 5);
  }
}

async function hostileDevice(next: () => number): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      // Requests whose predecessor timed out may arrive together.
      for (let at = 0; at < chunk.length; at += 12) {
        const request = chunk.subarray(at, at + 12);
        const asked = request.length === 12 && request.readUInt16BE(4) === 6 && [3, 6].includes(request[7] ?? 0);
        if (!asked) faults.push(`nobody may ask ${request.toString("hex")}`);
        reached.push(request.subarray(7).toString("hex"));
        behave(socket, request, moods[next() % moods.length] ?? "answer");
      }
    });
  });
  hostile = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

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
  for (let round = 0; round < ROUNDS; round += 1) {
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
      reached.length = 0;
      faults.length = 0;
      const port = await hostileDevice(random);
      const started = await startRig({
        role: "Operator",
        device: { port, timeoutMs: 50, outstanding },
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
      expect(faults, `seed ${seed}`).toEqual([]);
      await expect.poll(() => line.sessions, { timeout: 5_000 }).toBe(0);
      await expect.poll(() => line.slots.inUse, { timeout: 5_000 }).toBe(0);
      expect(line.journal.waiting).toBe(0);
      expect(line.connections()).toEqual([0]);
      // Every write is unlike every other: what reached the device twice was sent twice.
      const writes = reached.filter((pdu) => pdu.startsWith("06"));
      expect(new Set(writes).size, `seed ${seed}`).toBe(writes.length);
      expect(writes.length).toBeGreaterThan(50);
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
