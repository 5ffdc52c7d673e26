import { expect, it } from "vitest";
import { questionFor } from "../index.ts";
import { devices, policyOf } from "../testing/site.ts";

it("keeps the tables of every role and class of subjects apart", () => {
  const tags = ["t0", "t1", "t2"];
  const roles = ["A", "B", "C"];
  const rules = roles.flatMap((role, at) =>
    tags.map(
      (tag, index) =>
        `  - { id: ${role}${tag}, permit: { roles: [${role}], tags: [${tag}] }, allow: [{ functions: [3], addresses: [${at * 3 + index}] }] }\n`,
    ),
  );
  const { policy } = policyOf(`policy: 1\nroles: [A, B, C]\nrules:\n${rules.join("")}`);
  for (let round = 0; round < 2; round += 1) {
    for (let bits = 0; bits < 8; bits += 1) {
      const held = tags.filter((_, bit) => ((bits >> bit) & 1) === 1);
      for (const [at, role] of roles.entries()) {
        const asked = { as: role, id: `${role}${bits}`, tags: held, unit: 2, function: 3 };
        const permitted = Array.from({ length: 9 }, (_, address) => address).filter(
          (address) => policy.decide(questionFor({ ...asked, address }, devices)).permit,
        );
        expect(permitted).toEqual(held.map((tag) => at * 3 + tags.indexOf(tag)));
      }
    }
  }
});

it("permits what hides its sub-function only where all are permitted, and forbids it where one is forbidden", () => {
  const decided = (rule: string): boolean => {
    const { policy } = policyOf(
      `policy: 1\nroles: [A]\nrules:\n  - { id: all, permit: { roles: [A] }, allow: [{ functions: [7] }] }\n  - ${rule}\n`,
    );
    const { subfunction: _subfunction, ...hiding } = questionFor({ as: "A", unit: 2, function: "8/1" }, devices);
    return policy.decide(hiding).permit;
  };
  const permit = (reference: string): string =>
    `{ id: a, permit: { roles: [A] }, when: { transports: [tls] }, allow: [{ functions: [${reference}] }] }`;
  expect([decided(permit("8")), decided(permit("8/1"))]).toEqual([true, false]);
  const forbid = `{ id: f, forbid: { roles: [A] }, deny: [{ functions: [8/1] }] }`;
  expect(decided(`${permit("8")}\n  - ${forbid}`)).toBe(false);
});
