import { describe, expect, it } from "vitest";
import { Durability } from "./durability.ts";

/** A disk whose syncs end when the test says so. */
function disk() {
  const syncs: PromiseWithResolvers<void>[] = [];
  const durability = new Durability(() => {
    const sync = Promise.withResolvers<void>();
    syncs.push(sync);
    return sync.promise;
  });
  return { syncs, durability };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("durability", () => {
  it("has nothing to wait for before a commit and after its sync", async () => {
    const { syncs, durability } = disk();
    await durability.settled();
    durability.committed();
    const settled = durability.settled();
    await turn();
    syncs[0]!.resolve();
    await settled;
    await durability.settled();
    expect(syncs).toHaveLength(1);
    await durability.close();
  });

  it("gives everybody who waits one sync, and whoever committed during one the next", async () => {
    const { syncs, durability } = disk();
    const done: string[] = [];
    for (const name of ["a", "b"]) {
      durability.committed();
      void durability.settled().then(() => done.push(name));
    }
    await turn();
    durability.committed();
    void durability.settled().then(() => done.push("c"));
    await turn();
    expect(syncs).toHaveLength(1);
    syncs[0]!.resolve();
    await turn();
    expect(done).toEqual(["a", "b"]);
    expect(syncs).toHaveLength(2);
    syncs[1]!.resolve();
    await turn();
    expect(done).toEqual(["a", "b", "c"]);
    await durability.close();
  });

  it("believes nothing any more once a sync has failed", async () => {
    const { syncs, durability } = disk();
    durability.committed();
    const settled = durability.settled();
    await turn();
    syncs[0]!.reject(new Error("EIO"));
    await expect(settled).rejects.toMatchObject({ code: "ERR_STORE_NOT_DURABLE" });
    durability.committed();
    await expect(durability.settled()).rejects.toMatchObject({ code: "ERR_STORE_NOT_DURABLE" });
    expect(syncs).toHaveLength(1);
    await durability.close();
  });
});
