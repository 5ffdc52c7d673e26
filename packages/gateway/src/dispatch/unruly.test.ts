import { createServer, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, startRig, type TestClient } from "../testing/rig.ts";
import { pdu, policyText, SETPOINT } from "../testing/setpoint.ts";

/**
 * Many clients write one register under a step limit, and others without one, while the device fails now and then: it
 * does what it was asked and says that it did not, or says nothing, and answers out of turn where it has several
 * requests. Whatever happens, no limited write reaches it that is further from what stands there than the step.
 */
let rig: Rig | undefined;
let device: ReturnType<typeof createServer> | undefined;
afterEach(async () => {
  await rig?.stop();
  device?.close();
  rig = undefined;
});

const STEP = 10;
const CLIENTS = 6;
const REQUESTS = 30;

interface Unruly {
  readonly port: number;
  value: number;
  /** Limited writes that it did, by how far each went. */
  readonly steps: number[];
}

/** `next` from 0 to 1. It does its requests in the order in which they came, whatever it says of them. */
async function unrulyDevice(next: () => number): Promise<Unruly> {
  const state = { port: 0, value: 400, steps: [] as number[] };
  const answer = (request: Buffer): string => {
    const [code] = request;
    if (code === 3) return `03 02 ${hex(state.value)}`;
    const does = next() > 0.1;
    if (does && code === 16) state.value = request.readUInt16BE(6);
    if (does && code !== 16) {
      const [first, or] = [request.readUInt16BE(3), request.length > 5 ? request.readUInt16BE(5) : 0];
      const value = code === 6 ? first : (state.value & first) | (or & ~first & 0xffff);
      state.steps.push(Math.abs(value - state.value));
      state.value = value;
    }
    if (!does || next() < 0.1) return `${(code! | 0x80).toString(16)} 04`;
    return code === 16 ? request.subarray(0, 5).toString("hex") : request.toString("hex");
  };
  const serve = (socket: Socket, request: Buffer): void => {
    const reply = adu(request.readUInt16BE(0), 9, answer(request.subarray(7)));
    const mood = next();
    const say = (): boolean => socket.destroyed || socket.write(reply);
    if (mood < 0.4) say();
    else if (mood < 0.98) setTimeout(say, next() * 4);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let pending = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 6 && pending.length >= 6 + pending.readUInt16BE(4)) {
        const end = 6 + pending.readUInt16BE(4);
        serve(socket, pending.subarray(0, end));
        pending = pending.subarray(end);
      }
    });
  });
  device = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  state.port = address !== null && typeof address === "object" ? address.port : 0;
  return state;
}

function hex(word: number): string {
  return (word & 0xffff).toString(16).padStart(4, "0");
}

/** One request: near what stands there or a little too far, of one of the ways to write; or a read. */
function ask(next: () => number, transaction: number, value: number): Buffer {
  const wanted = hex(Math.min(800, Math.max(0, value + Math.round((next() - 0.5) * 3 * STEP))));
  const way = next();
  const at = hex(SETPOINT);
  if (way < 0.5) return adu(transaction, 1, `06 ${at} ${wanted}`);
  if (way < 0.6) return adu(transaction, 1, `16 ${at} fff0 00${wanted.slice(2)}`);
  if (way < 0.8) return adu(transaction, 1, `10 ${at} 0001 02 ${wanted}`);
  return adu(transaction, 1, `03 ${at} 0001`);
}

async function play(client: TestClient, next: () => number, state: Unruly): Promise<string[]> {
  const replies: string[] = [];
  for (let asked = 0; asked < REQUESTS; ) {
    const together = 1 + Math.floor(next() * 3);
    client.send(Buffer.concat(Array.from({ length: together }, (_, index) => ask(next, asked + index, state.value))));
    replies.push(...(await client.replies(together, 15_000)).map(pdu));
    asked += together;
  }
  return replies;
}

describe("a step limit in front of an unruly device", () => {
  it.each([1, 4])(
    "holds, with %i requests at the device at once",
    async (outstanding) => {
      const seed = fc.sample(fc.integer({ min: 1, max: 2 ** 31 }), 1)[0] ?? 1;
      let state = seed;
      const next = (): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) / 2 ** 24;
      };
      const unruly = await unrulyDevice(next);
      rig = await startRig({
        role: "Operator",
        policy: policyText(
          ["limited", `functions: [6, 22], addresses: [16], maxStep: ${STEP}`],
          ["free", "functions: [16], addresses: [16]"],
        ),
        device: { port: unruly.port, timeoutMs: 50, outstanding },
      });
      const clients = await Promise.all(Array.from({ length: CLIENTS }, async () => await rig!.open()));
      const replies = (await Promise.all(clients.map(async (client) => await play(client, next, unruly)))).flat();
      expect(Math.max(...unruly.steps), `seed ${seed}`).toBeLessThanOrEqual(STEP);
      expect(unruly.steps.length).toBeGreaterThan(5);
      expect(replies).toContain("8601");
      await expect.poll(() => rig!.line.slots.inUse).toBe(0);
      expect(rig.line.counters.closedErrors).toBe(0);
    },
    60_000,
  );
});
