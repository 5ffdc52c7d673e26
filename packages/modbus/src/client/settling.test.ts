import type { ModbusErrorCode } from "@modwarden/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { adu } from "../testing/adu.ts";
import { MemoryDialler } from "../testing/dialler.ts";
import type { Tap } from "../testing/tap.ts";
import { ReconnectingClient } from "./reconnecting.ts";

/**
 * Requests, answers, late answers, aborts, ends of connections and closings in any order: every promise settles, with
 * the code that what happened to it calls for, nothing is sent twice, and no answer reaches another request.
 */
type Step =
  | { readonly do: "ask"; readonly timeoutMs: number }
  | { readonly do: "answer" | "garble" | "answer again" | "abort"; readonly which: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "turn" | "break off" | "end" | "become unreachable" | "become reachable" | "close" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("ask" as const), timeoutMs: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "answer" as const,
        "answer" as const,
        "garble" as const,
        "answer again" as const,
        "abort" as const,
      ),
      which: fc.nat(20),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(["turn", "turn", "turn", "break off", "end", "become unreachable", "become reachable"] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const) }) },
);

/** One request: what was done to it, and what became of it. */
interface Asked {
  readonly address: number;
  readonly controller: AbortController;
  readonly askedAt: number;
  readonly timeoutMs: number;
  readonly connected: boolean;
  garbled: boolean;
  outcome: "open" | "answered" | "poisoned" | ModbusErrorCode;
  settlings: number;
  settledAt: number;
}

/** A request as the server has read it. */
interface Arrived {
  readonly device: Tap;
  readonly transaction: number;
  readonly address: number;
}

class World {
  readonly dialler = new MemoryDialler();
  readonly client: ReconnectingClient;
  readonly asked: Asked[] = [];
  readonly arrived: Arrived[] = [];
  #unanswered: Arrived[] = [];
  #ends = 0;

  constructor(outstanding: number, queueWhileDownMs: number) {
    const options = { outstanding, queue: 2 };
    this.client = new ReconnectingClient(this.dialler, options, { minMs: 5, maxMs: 20, queueWhileDownMs });
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case "ask":
        this.#ask(one.timeoutMs);
        return;
      case "answer":
      case "garble":
        this.#answer(one.which, one.do === "garble");
        return;
      case "answer again": {
        const over = this.arrived.filter(({ address }) => this.asked[address]!.outcome !== "open");
        const old = over[one.which % Math.max(1, over.length)];
        if (old !== undefined) reply(old, "03 02 ffff");
        return;
      }
      case "abort":
        this.asked.at(-1 - one.which)?.controller.abort();
        return;
      case "pass":
        await vi.advanceTimersByTimeAsync(one.ms);
        return;
      case "turn":
        await this.turn();
        return;
      case "break off":
      case "end":
        this.#ends += 1;
        if (one.do === "end") this.dialler.devices.at(-1)?.link.end();
        else this.dialler.devices.at(-1)?.link.destroy();
        return;
      case "become unreachable":
        this.dialler.plans.push("refused", "refused");
        return;
      case "become reachable":
        this.dialler.plans.length = 0;
        return;
      case "close":
        this.#ends += 1;
        void this.client.close();
    }
  }

  /** What is on its way arrives. */
  async turn(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
    for (const device of this.dialler.devices) {
      while (device.waiting >= 12) {
        const bytes = await device.take(12);
        const arrived = { device, transaction: (bytes[0]! << 8) | bytes[1]!, address: (bytes[8]! << 8) | bytes[9]! };
        this.arrived.push(arrived);
        this.#unanswered.push(arrived);
      }
    }
  }

  async finish(): Promise<void> {
    await this.turn();
    this.#ends += 1;
    const closed = this.client.close();
    for (let round = 0; round < 4; round += 1) {
      await vi.advanceTimersByTimeAsync(50);
      await this.turn();
    }
    await closed;
    await this.client.closed;
    await this.turn();
    this.check();
  }

  check(): void {
    for (const one of this.asked) {
      expect(one.settlings).toBe(1);
      if (one.outcome === "ERR_MODBUS_ABORTED") expect(one.controller.signal.aborted).toBe(true);
      if (one.outcome === "ERR_MODBUS_BAD_RESPONSE") expect(one.garbled).toBe(true);
      if (one.outcome === "ERR_MODBUS_TIMEOUT") {
        expect(one.settledAt - one.askedAt).toBeGreaterThanOrEqual(one.timeoutMs);
        expect(this.arrived.some(({ address }) => address === one.address)).toBe(true);
      }
      if (one.outcome === "ERR_MODBUS_NO_CONNECTION") expect(one.connected).toBe(false);
      if (one.outcome === "ERR_MODBUS_CLOSED") expect(this.#ends).toBeGreaterThan(0);
      expect(known).toContain(one.outcome);
    }
    const addresses = this.arrived.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
  }

  #ask(timeoutMs: number): void {
    const controller = new AbortController();
    const one: Asked = {
      address: this.asked.length,
      controller,
      askedAt: performance.now(),
      timeoutMs,
      connected: this.client.state === "connected",
      garbled: false,
      outcome: "open",
      settlings: 0,
      settledAt: 0,
    };
    this.asked.push(one);
    const settle = (outcome: Asked["outcome"]): void => {
      one.outcome = outcome;
      one.settlings += 1;
      one.settledAt = performance.now();
    };
    this.client.readHoldingRegisters(one.address, 1, { timeoutMs, signal: controller.signal }).then(
      // The answer to another request carries that one's address.
      ([value]) => settle(value === one.address ? "answered" : "poisoned"),
      (error: { readonly code: ModbusErrorCode }) => settle(error.code),
    );
  }

  #answer(which: number, garbled: boolean): void {
    const one = this.#unanswered[which % Math.max(1, this.#unanswered.length)];
    if (one === undefined) return;
    this.#unanswered = this.#unanswered.filter((other) => other !== one);
    if (garbled) this.asked[one.address]!.garbled = true;
    reply(one, garbled ? "03 04 0000 0000" : `03 02 ${one.address.toString(16).padStart(4, "0")}`);
  }
}

const known: readonly string[] = [
  "answered",
  "ERR_MODBUS_ABORTED",
  "ERR_MODBUS_BAD_RESPONSE",
  "ERR_MODBUS_TIMEOUT",
  "ERR_MODBUS_NO_CONNECTION",
  "ERR_MODBUS_CLOSED",
  "ERR_MODBUS_QUEUE_FULL",
];

function reply({ device, transaction }: Arrived, pdu: string): void {
  device.write(adu(transaction, 1, pdu));
}

describe("whatever happens", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("every request settles once, with the right code, and is sent at most once", async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.constantFrom(1, 4),
        fc.constantFrom(0, 15),
        async (steps, outstanding, queueWhileDownMs) => {
          const world = new World(outstanding, queueWhileDownMs);
          await world.client.first();
          for (const one of steps) {
            await world.take(one);
            // Most of the time the other side has come to hear of it.
            if (one.do !== "ask") await world.turn();
          }
          await world.finish();
          for (const { outcome } of world.asked) outcomes.add(outcome);
        },
      ),
      { numRuns: 200 },
    );
    // The steps reach every way in which a request can end.
    expect([...outcomes].sort()).toEqual([...known].sort());
  });
});
