import { AskedError } from "@modwarden/policy";
import type { PolicyView } from "../policy-view.ts";

/** A policy that permits what Operators ask for, and knows no unit above ten. */
export const samplePolicy: PolicyView = {
  current: () => ({
    version: 7,
    hash: "3f9a61c07be24d18",
    mode: "enforce",
    roles: ["Viewer", "Operator"],
    text: "policy: 1\nroles: [Viewer, Operator]\nrules: []\n",
    history: [
      {
        version: 7,
        hash: "3f9a61c07be24d18",
        sha256: "3f9a61c07be24d183f9a61c07be24d183f9a61c07be24d183f9a61c07be24d18",
        time: "2026-11-21T09:14:03.120Z",
        action: "rollback",
        by: "control",
        of: 5,
        tests: "passed",
        comment: "as it was",
      },
    ],
  }),
  explain({ as, unit = 0 }) {
    if (unit > 10) throw new AskedError("there is no such unit");
    const policy = "3f9a61c07be24d18";
    if (as === "Operator") return { permit: true, rules: ["setpoint"], policy };
    return { permit: false, rules: [], because: "no-permit", policy };
  },
};
