import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, startRig } from "./testing/rig.ts";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

describe("roles to rights in the gateway", () => {
  it("R-27 the end user's rules replace those in force, also for sessions that are open", async () => {
    rig = await startRig({ role: "Operator" });
    const client = await rig.open();
    client.send(adu(1, 1, "03 0000 0001"));
    expect(await client.reply()).toBe("0001000000050103020000");
    rig.apply({ policy: { text: "policy: 1\nmode: enforce\nroles: [Operator]\nrules: []\n", file: "policy.yaml" } });
    client.send(adu(2, 1, "03 0000 0001"));
    expect(await client.reply()).toBe("000200000003018301");
    expect(rig.reached).toHaveLength(1);
  });
});
