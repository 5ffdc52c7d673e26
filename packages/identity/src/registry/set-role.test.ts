import { describe, expect, it } from "vitest";
import { enrol, enrolled, refusalOf, SOURCE } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { openSite } from "../testing/site.ts";
import type { Approver } from "../types.ts";

describe("the role of an identity", () => {
  it("changes within the ceiling of its key and no further, and every change is an event", async () => {
    await using site = await openSite();
    const { identities, keys } = site.service;
    const { key } = await keys.create({ kind: "client", roles: ["Viewer", "Operator"] });
    await enrol(site, key, "hmi-2", { role: "Operator" });
    expect(await identities.setRole("HMI-2", "Viewer")).toMatchObject({ id: "hmi-2", role: "Viewer" });
    await identities.setRole("hmi-2", "Viewer");
    expect(await identities.setRole("hmi-2", null)).toMatchObject({ role: null });
    expect((await refusalOf(identities.setRole("hmi-2", "Engineer"))).code).toBe("ERR_IDENTITY_INVALID");
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", role: null }]);
    expect(site.events.filter(({ event }) => event === "role-set")).toMatchObject([
      { id: "hmi-2", role: "Viewer", detail: { before: "Operator" } },
      { id: "hmi-2", detail: { before: "Viewer" } },
    ]);
  });

  it("is what people agree to: whoever has said yes to another one is asked again", async () => {
    await using site = await openSite({ site: facts({ approvers: ["Engineer"] }) });
    const { identities, keys } = site.service;
    const by: Approver[] = [];
    for (const name of ["ada", "ben"]) {
      const { fingerprint } = await enrolled(site, name, { kind: "client", roles: ["Engineer"] });
      by.push({ presented: fingerprint, source: SOURCE });
    }
    const { key } = await keys.create({ kind: "client", roles: ["Viewer", "Operator"], approval: "two" });
    await enrol(site, key, "hmi-2", { role: "Viewer" });
    await identities.approve("hmi-2", by[0]);
    await identities.setRole("hmi-2", "Operator");
    expect((await identities.approve("hmi-2", by[1])).state).toBe("pending");
    expect((await identities.approve("hmi-2", by[0])).state).toBe("approved");
  });

  it("of one without a key may be any; of one that is gone, or of a gateway, it cannot be changed", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await identities.add({ id: "legacy", kind: "client", role: "Viewer" });
    expect(await identities.setRole("legacy", "Engineer")).toMatchObject({ role: "Engineer" });
    await enrolled(site, "hmi-2");
    await identities.revoke("hmi-2");
    expect((await refusalOf(identities.setRole("hmi-2", null))).code).toBe("ERR_IDENTITY_STATE");
    await site.service.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
    expect((await refusalOf(identities.setRole("gw1", "Viewer"))).code).toBe("ERR_IDENTITY_INVALID");
    expect((await refusalOf(identities.setRole("nobody", null))).code).toBe("ERR_IDENTITY_UNKNOWN");
  });
});
