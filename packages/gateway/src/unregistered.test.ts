import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Enrolled, type TestAuthority } from "./testing/authority.ts";
import { type Rig, startRig } from "./testing/rig.ts";
import { answered, attempt, read, refused, versions } from "./testing/tls.ts";

/** Who is not in the registry has no role, whatever its certificate says, and no device is reached that is not there. */
let authority: TestAuthority;
let operator: Enrolled;
let rig: Rig | undefined;
beforeAll(async () => {
  authority = await createAuthority();
  operator = await authority.enrol("operator");
});
afterAll(() => authority.close());
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

describe("a certificate of the site's own authority that is not in the registry", () => {
  it.each(versions)("gets 01 on every request, and is served as soon as it is registered (%s)", async (version) => {
    rig = await startRig({ tls: authority.tls, subjects: [] });
    const { reply, client } = await attempt(rig, { ...operator.options, maxVersion: version });
    expect(reply).toBe(refused);
    expect(rig.records.findLast(({ kind }) => kind === "transaction")).toMatchObject({
      subject: { id: null, role: null, cert: operator.fingerprint },
      decision: { permit: false, because: "unknown-subject" },
    });
    const records = authority.service.subjectsSnapshot().filter(({ id }) => id === "operator");
    expect(rig.change({ records, gone: [] })).toBe(0);
    client!.send(read);
    expect(await client!.reply()).toBe(answered);
    rig.change({ records: [], gone: ["operator"] });
    client!.send(read);
    expect(await client!.reply()).toBe(refused);
    expect(rig.reached).toHaveLength(1);
  });
});

describe("a device", () => {
  it.each([
    ["is not registered", []],
    ["is registered as a client", [{ id: "device", kind: "client", role: "Viewer", state: "active" }]],
    ["has not confirmed its certificate", [{ id: "device", kind: "device", role: null, state: "claimed" }]],
  ] as const)("that %s is not reached", async (_name, records) => {
    rig = await startRig({
      skipRegistering: ["device"],
      subjects: [...records, { id: "hmi", kind: "client", role: "Viewer", state: "active" }],
    });
    const client = await rig.open();
    client.send(read);
    expect(await client.reply()).toBe("00010000000301830a");
    expect(rig.reached).toEqual([]);
  });
});
