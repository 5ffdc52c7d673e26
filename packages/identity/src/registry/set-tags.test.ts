import { describe, expect, it } from "vitest";
import { enrolled, refusalOf } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";

describe("the tags of an identity", () => {
  it("are in the snapshot at once, and every change of them is one event", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await enrolled(site, "hmi-2");
    expect(site.service.subjectsSnapshot()[0]).not.toHaveProperty("tags");
    expect(await identities.setTags("HMI-2", { add: ["night", "hall-2"] })).toMatchObject({
      tags: ["hall-2", "night"],
    });
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", tags: ["hall-2", "night"] }]);
    await identities.setTags("hmi-2", { add: ["hall-2"], remove: ["old"] });
    await identities.setTags("hmi-2", { add: ["hall-3"], remove: ["hall-2", "night"] });
    expect(await identities.show("hmi-2")).toMatchObject({ tags: ["hall-3"] });
    expect(site.events.filter(({ event }) => event === "tagged")).toMatchObject([
      { id: "hmi-2", detail: { added: "hall-2 night" } },
      { id: "hmi-2", detail: { added: "hall-3", removed: "hall-2 night" } },
    ]);
  });

  it("are words of a plain form, and no more than 32", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await identities.add({ id: "panel", kind: "client", role: "Viewer" });
    for (const tag of ["", "Hall", "hall 2", "-hall", "hall-", "x".repeat(65), "hälle", "a\n"]) {
      expect((await refusalOf(identities.setTags("panel", { add: [tag] }))).code, tag).toBe("ERR_IDENTITY_INVALID");
    }
    const many = Array.from({ length: 32 }, (_, index) => `tag-${index}`);
    const tooMany = { add: [...many, "x".repeat(64)] };
    expect((await refusalOf(identities.setTags("panel", tooMany))).code).toBe("ERR_IDENTITY_INVALID");
    expect((await identities.setTags("panel", { add: many })).tags).toHaveLength(32);
    const swapped = await identities.setTags("panel", { add: ["x".repeat(64)], remove: ["tag-0"] });
    expect(swapped.tags).toHaveLength(32);
    const both = { add: ["night"], remove: ["night"] };
    expect((await refusalOf(identities.setTags("panel", both))).code).toBe("ERR_IDENTITY_INVALID");
  });

  it("go with the identity: whoever takes its name later has none", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    const panel = { id: "panel", kind: "client", role: "Viewer" } as const;
    await identities.add(panel);
    await identities.setTags("panel", { add: ["night"] });
    await identities.retire("panel");
    expect((await refusalOf(identities.setTags("panel", { add: ["night"] }))).code).toBe("ERR_IDENTITY_STATE");
    expect((await identities.add(panel)).tags).toEqual([]);
    expect((await refusalOf(identities.setTags("nobody", {}))).code).toBe("ERR_IDENTITY_UNKNOWN");
  });
});
