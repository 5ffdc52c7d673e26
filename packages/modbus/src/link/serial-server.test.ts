import { describe, expect, test } from "vitest";
import { NoConnectionError } from "../errors.ts";
import { VirtualTimers } from "../testing/virtual-timers.ts";
import type { Link } from "./link.ts";
import { createMemoryLink } from "./memory.ts";
import { KeptOpen } from "./serial-server.ts";

/** What is due happens, and what it has started comes to its end. */
async function pass(time: VirtualTimers, ms: number): Promise<void> {
  time.pass(ms);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

describe("a port that is kept open", () => {
  /** `plan` says whether each attempt finds the port. */
  function keep(...plan: readonly boolean[]) {
    const time = new VirtualTimers();
    const attempts: number[] = [];
    const links: Link[] = [];
    const failures: string[] = [];
    let left: () => void = () => undefined;
    const kept = new KeptOpen(
      async (given) => {
        const found = plan[attempts.push(time.now()) - 1] ?? true;
        if (!found) throw new NoConnectionError("no such port");
        left = given;
        return createMemoryLink().client;
      },
      (link) => links.push(link),
      (cause) => failures.push(cause.message),
      time,
    );
    return { kept, time, attempts, links, failures, lose: () => left() };
  }

  test("is tried again when it is lost, at longer and longer intervals, until it is there", async () => {
    const { kept, time, attempts, links, failures, lose } = keep(true, ...Array.from({ length: 7 }, () => false));
    await kept.start();
    lose();
    for (let second = 0; second < 30; second += 0.25) await pass(time, 250);
    expect(attempts).toEqual([0, 250, 750, 1750, 3750, 7750, 12_750, 17_750, 22_750]);
    expect(links).toHaveLength(2);
    expect(failures).toHaveLength(7);
    // From then on as at first.
    lose();
    await pass(time, 250);
    expect(links).toHaveLength(3);
  });

  test("is the caller's failure at first", async () => {
    const { kept, time, attempts } = keep(false);
    await expect(kept.start()).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" }));
    await pass(time, 60_000);
    expect(attempts).toHaveLength(1);
  });

  test("is left alone when nobody wants it any more", async () => {
    const { kept, time, attempts, lose } = keep();
    await kept.start();
    lose();
    kept.stop();
    lose();
    await pass(time, 60_000);
    expect(attempts).toHaveLength(1);
  });
});
