import { describe, expect, it } from "vitest";
import type { LintIdentity } from "../index.ts";
import { lintOf, pressSite as site } from "../testing/lint-site.ts";

const reads = "allow: [{ functions: [3] }]";
const impossible = {
  problemOfId: (id: string) => (id.includes(" ") ? "it has a space" : undefined),
  problemOfTag: (tag: string) => (tag.includes("!") ? "it has a sign" : undefined),
};
const who = (id: string, role: string | null): LintIdentity => ({ id, role, tags: ["night"] });

describe("ids and tags", () => {
  it("are told when nobody can have them, whoever is registered", () => {
    const rule = `{ id: a, permit: { ids: [hmi, "h m i"], tags: [night, "night!"] }, ${reads} }`;
    const wanted = [
      'id-impossible rules.0.permit.ids.1: nobody can have the id "h m i": it has a space',
      'tag-impossible rules.0.permit.tags.1: nobody can have the tag "night!": it has a sign',
    ];
    expect(lintOf([rule], { site, ...impossible })).toEqual(wanted);
    expect(lintOf([rule], { site, ...impossible, registry: [who("hmi", "Viewer")] })).toEqual(wanted);
  });

  it("are told of a forbid as well, with the one that was meant", () => {
    const rules = [
      `{ id: a, permit: { roles: [Viewer] }, ${reads} }`,
      "{ id: b, forbid: { ids: [hni], tags: [nigth] }, deny: [{ functions: [4] }] }",
    ];
    expect(lintOf(rules, { site, registry: [who("hmi", "Viewer")] })).toEqual([
      expect.stringMatching(/^id-unknown rules\.1\.forbid\.ids\.0: .*"hni".*"hmi"/),
      expect.stringMatching(/^tag-unknown rules\.1\.forbid\.tags\.0: .*"nigth".*"night"/),
    ]);
  });
});

describe("a role", () => {
  it("gets nothing by a forbid", () => {
    expect(lintOf(["{ id: b, forbid: { roles: [Viewer] }, deny: [{ functions: [4] }] }"])).toEqual([
      expect.stringContaining('role-without-permit roles.0: no rule permits anything to "Viewer"'),
    ]);
  });
});

describe("an approval", () => {
  const rule = (subjects: string, approval: string) =>
    `{ id: a, permit: { ${subjects} }, ${reads}, approval: { ${approval}, ttl: 15m } }`;
  const few = (...of: readonly [string, string, ...LintIdentity[]]) =>
    lintOf([rule(of[0], of[1])], { site, registry: of.slice(2) as LintIdentity[] });
  const viewers = [who("v1", "Viewer"), who("v2", "Viewer"), who("v3", "Viewer")] as const;

  it("needs one more than approve, where who asks could approve", () => {
    expect(few("roles: [Viewer]", "people: 1", viewers[0])).toEqual([
      expect.stringContaining("one person must approve, and 1 of the registry may (Viewer)"),
    ]);
    expect(few("roles: [Viewer]", "people: 1", viewers[0], viewers[1])).toEqual([]);
    expect(few("roles: [Viewer]", "people: 2", ...viewers)).toEqual([]);
  });

  it("is by any role where the permit names none, and never by someone without a role", () => {
    const guests = [who("g1", null), who("g2", null), who("v1", "Viewer")] as const;
    expect(few("tags: [night]", "people: 2", ...guests)).toEqual([
      expect.stringContaining("two people must approve, and 1 of the registry may (any role)"),
    ]);
  });

  it("needs no more than approve, where others ask", () => {
    const text = `{ id: a, permit: { roles: [Viewer] }, ${reads}, approval: { people: 1, ttl: 15m, by: [Boss] } }`;
    const told = (...registry: readonly LintIdentity[]) =>
      lintOf([text], { site, registry }, "Viewer, Boss").filter((line) => line.startsWith("approval"));
    expect(told(...viewers)).toEqual([expect.stringContaining("0 of the registry may (Boss)")]);
    expect(told(...viewers, who("b1", "Boss"))).toEqual([]);
  });
});
