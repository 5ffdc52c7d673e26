import type { SubjectRecord } from "@modwarden/identity";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, startRig } from "./testing/rig.ts";

/** What changes in the registry reaches those it is about, and leaves everybody else alone. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

const read = adu(1, 1, "03 0000 0001");
const answered = "0001000000050103020000";

function client(id: string, state: SubjectRecord["state"] = "active"): SubjectRecord {
  return { id, kind: "client", role: "Viewer", state };
}

async function start(): Promise<Rig> {
  rig = await startRig({
    subjects: [client("hmi"), client("other")],
    moreListeners: [{ sources: [{ network: "127.0.0.2/32", subject: "other" }] }],
  });
  return rig;
}

describe("a change of the registry", () => {
  it("closes the sessions of whom it is about and no other", async () => {
    const { line, open, change } = await start();
    const one = await open();
    const two = await open();
    for (const session of [one, two]) {
      session.send(read);
      expect(await session.reply()).toBe(answered);
    }
    expect(line.sessions).toBe(2);
    expect(change({ records: [client("other", "suspended")], gone: [] })).toBe(0);
    expect(change({ records: [client("hmi", "suspended")], gone: [] })).toBe(2);
    expect(line.sessions).toBe(0);
    change({ records: [client("hmi")], gone: [] });
    const again = await open();
    again.send(read);
    expect(await again.reply()).toBe(answered);
    expect(change({ records: [], gone: ["hmi"] })).toBe(1);
  });

  it("ends the connection to a device that must not be reached any more, and what waits for it is refused", async () => {
    const { line, open, change } = await start();
    const session = await open();
    session.send(read);
    expect(await session.reply()).toBe(answered);
    expect(line.devices()).toMatchObject([{ id: "device", state: "up" }]);
    change({ records: [{ id: "device", kind: "device", role: null, state: "revoked" }], gone: [] });
    expect(line.devices()).toMatchObject([{ id: "device", state: "idle" }]);
    session.send(read);
    expect(await session.reply()).toBe("00010000000301830a");
  });
});

describe("the unit of a device", () => {
  it("is that of the registry: one that the line would reach by another is not reached", async () => {
    const { open, change } = await start();
    const session = await open();
    change({ records: [{ id: "device", kind: "device", role: null, state: "active", unit: 2 }], gone: [] });
    session.send(read);
    expect(await session.reply()).toBe("00010000000301830a");
    change({ records: [{ id: "device", kind: "device", role: null, state: "active", unit: 1 }], gone: [] });
    session.send(read);
    expect(await session.reply()).toBe(answered);
  });
});
