import { openIdentity } from "@modwarden/identity";
import { expect, it } from "vitest";
import { createSiteFolder } from "./testing/site-folder.ts";
import { keepUp } from "./upkeep.ts";

it("has lists that hold by the clock of the moment, when it was ahead at the start", async () => {
  const folder = await createSiteFolder();
  let clock = Date.now() + 5 * 3_600_000;
  const identity = await openIdentity({ dir: folder.data, now: () => new Date(clock) });
  const errors: unknown[] = [];
  const stop = keepUp({
    ...{ identity, onNotice: () => undefined, onError: (error) => errors.push(error) },
    ...{ now: () => clock, stepMs: 5 },
  });
  try {
    const lists = (): readonly unknown[] => identity.authority.show().lists.map(({ number }) => number);
    const before = lists();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lists()).toEqual(before);
    clock -= 5 * 3_600_000;
    await expect.poll(() => lists().filter((number) => before.includes(number))).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    stop();
    await identity.close();
    await folder.remove();
  }
});
