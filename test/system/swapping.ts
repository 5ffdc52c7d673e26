/** Two policies, clients that ask all the time, and what has to be true of the answers whichever policy was in force. */
import { type Client, ModbusError } from "@modwarden/modbus";
import { expect } from "vitest";

/** A hundred a second for thirty seconds; a machine that cannot has twice the time. */
const SWAPS = 3_000;
const EVERY_MS = 10;
const MOST_MS = 2 * SWAPS * EVERY_MS;
/** After so many there is a pause, in which it is certain which policy is in force. */
const PAUSE_AFTER = 50;
const PAUSE_MS = 50;
export const CLIENTS = 6;
/** Between the requests of a client: what is measured is swaps under load, and not the machine. */
const REST_MS = 4;

/** Registers that only the one policy, only the other, and neither lets anybody write. */
export const areas = { a: 0, b: 100, neither: 200 } as const;
type Area = keyof typeof areas;
export type Name = "a" | "b";
const AREA_SIZE = 100;

export const policyOf = (name: Name): string => `policy: 1
mode: enforce
roles: [Operator]
rules:
  - id: only-${name}
    permit: { roles: [Operator] }
    units: [1]
    allow: [{ functions: [6, 16], table: holding, addresses: [${areas[name]}-${areas[name] + AREA_SIZE - 1}] }]
    when: { transports: [tcp] }
tests:
  - { as: Operator, unit: 1, function: 6, address: ${areas.neither}, value: 1, transport: tcp, expect: deny }
`;

/** One write, of a register and a value that no other has. */
export interface Asked {
  readonly area: Area;
  readonly address: number;
  readonly value: number;
  readonly permitted: boolean;
  /** The policy in force all the while, where no swap was under way. */
  readonly during: Name | undefined;
}

export interface Swapped {
  readonly asked: readonly Asked[];
  /** Writes of which one half is permitted by the one policy, and the other by the other. */
  readonly spanning: number;
  readonly swaps: number;
  readonly seconds: number;
}

/** Puts the two policies in force by turns, the first time `a`, while every client writes. */
export async function swapUnderLoad(
  clients: readonly Client[],
  swap: (to: Name) => Promise<void> | void,
): Promise<Swapped> {
  // Odd while a swap is under way.
  let phase = 0;
  let inForce: Name = "b";
  let done = false;
  const asked: Asked[] = [];
  let spanning = 0;
  const ask = async (client: Client, index: number): Promise<void> => {
    for (let count = 0; !done; count += 1) {
      const area = (["a", "b", "neither"] as const)[count % 3] ?? "neither";
      const address = areas[area] + index;
      const value = count % 65_536;
      const before = { phase, inForce };
      const permitted = await write(() => client.writeRegister(address, value));
      const stood = before.phase === phase && phase % 2 === 0;
      asked.push({ area, address, value, permitted, during: stood ? before.inForce : undefined });
      await sleep(REST_MS);
      if (count % 10 !== 0) continue;
      // Half of it is permitted by the one, half by the other: a request is never split.
      expect(await write(() => client.writeRegisters(AREA_SIZE - 1, Uint16Array.of(1, 2)))).toBe(false);
      spanning += 1;
    }
  };
  const load = Promise.all(clients.map(ask));
  const began = performance.now();
  let swaps = 0;
  for (; swaps < SWAPS && performance.now() - began < MOST_MS; swaps += 1) {
    const next: Name = inForce === "a" ? "b" : "a";
    phase += 1;
    await swap(next);
    inForce = next;
    phase += 1;
    const due = began + (swaps + 1) * EVERY_MS - performance.now();
    await sleep(swaps % PAUSE_AFTER === PAUSE_AFTER - 1 ? PAUSE_MS : Math.max(0, due));
  }
  const seconds = (performance.now() - began) / 1_000;
  done = true;
  await load;
  return { asked, spanning, swaps, seconds };
}

/** `reached`: address and value of every write that the device has been asked for. */
export function checkAnswers({ asked, spanning, swaps, seconds }: Swapped, reached: ReadonlySet<string>): void {
  const tied = asked.filter(({ during }) => during !== undefined);
  console.log(
    `${swaps} swaps, in ${seconds.toFixed(1)} s (${(swaps / seconds).toFixed(1)} a second); ` +
      `${asked.length + spanning} writes meanwhile, ${asked.filter(({ permitted }) => permitted).length} permitted; ` +
      `during ${tied.length} of them nothing was being swapped`,
  );

  expect(tied.length).toBeGreaterThan(0);
  // What the one policy in force says is what happened, and what was permitted, and nothing else, has reached the device.
  expect(tied.filter(({ area, permitted, during }) => permitted !== (area === during))).toEqual([]);
  expect(asked.filter(({ area, permitted }) => area === "neither" && permitted)).toEqual([]);
  const permitted = new Set(asked.filter((one) => one.permitted).map(({ address, value }) => `${address} ${value}`));
  expect(reached).toEqual(permitted);
  for (const area of ["a", "b"] as const) {
    for (const outcome of [true, false]) {
      expect(
        asked.some((one) => one.area === area && one.permitted === outcome),
        `${area} ${outcome}`,
      ).toBe(true);
    }
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** True: done · false: exception 01, the one way in which a policy refuses. */
async function write(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof ModbusError) || !("exception" in error) || error.exception !== 1) throw error;
    return false;
  }
}
