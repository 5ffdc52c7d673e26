/** The same rules in other engines, each in the way in which it is fast. */
import { createRequire } from "node:module";
import type { Question } from "@modwarden/policy";
import type { FlatRule } from "./rules.ts";

/** One question, one decision. */
export type Decide = (question: Question) => boolean;

interface CedarWasm {
  preparsePolicySet(id: string, policies: { readonly staticPolicies: string }): { readonly type: string };
  statefulIsAuthorized(call: object): {
    readonly type: string;
    readonly response?: { readonly decision: "allow" | "deny" };
  };
}

/** Policies parsed once; roles and units are entities, addresses and values stand in the context. */
export function cedarDecider(rules: readonly FlatRule[]): Decide {
  const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs") as CedarWasm;
  const text = rules.map(({ permit, role, unit, code, start, end, min, max }) => {
    const head = `${permit ? "permit" : "forbid"} (principal in Role::"${role}", action == Action::"${code}", resource == Unit::"${unit}")`;
    const range = `context.address >= ${start} && context.address <= ${end}`;
    return `${head} when { ${range} && context.value >= ${min} && context.value <= ${max} };`;
  });
  if (cedar.preparsePolicySet("bench", { staticPolicies: text.join("\n") }).type !== "success") {
    throw new Error("Cedar cannot read the policies of the bench");
  }
  return ({ role, unit, functionCode, accesses: [access] }) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "Subject", id: "s" },
      action: { type: "Action", id: String(functionCode) },
      resource: { type: "Unit", id: String(unit) },
      context: { address: access!.address, value: access!.values?.[0] ?? 0 },
      entities: [{ uid: { type: "Subject", id: "s" }, attrs: {}, parents: [{ type: "Role", id: role ?? "" }] }],
      preparsedPolicySetId: "bench",
      validateRequest: false,
    });
    if (answer.response === undefined) throw new Error(`Cedar could not decide: ${JSON.stringify(answer)}`);
    return answer.response.decision === "allow";
  };
}

interface Enforcer {
  enforceSync(...request: readonly unknown[]): boolean;
}
interface Casbin {
  newModelFromString(text: string): object;
  newEnforcer(model: object): Promise<Enforcer & { addPolicies(rules: string[][]): Promise<boolean> }>;
}

const casbinModel = `
[request_definition]
r = role, unit, code, address, value
[policy_definition]
p = role, unit, code, first, last, least, most, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.role == p.role && r.unit == p.unit && r.code == p.code && r.address >= p.first && r.address <= p.last && r.value >= p.least && r.value <= p.most
`;

/** `casbin`: the module, which stands among the peers. */
export async function casbinDecider(casbin: unknown, rules: readonly FlatRule[]): Promise<Decide> {
  const { newModelFromString, newEnforcer } = casbin as Casbin;
  const enforcer = await newEnforcer(newModelFromString(casbinModel));
  await enforcer.addPolicies(
    rules.map(({ permit, role, unit, code, start, end, min, max }) => [
      ...[role, String(unit), String(code), String(start), String(end), String(min), String(max)],
      permit ? "allow" : "deny",
    ]),
  );
  return ({ role, unit, functionCode, accesses: [access] }) =>
    enforcer.enforceSync(role, String(unit), String(functionCode), access!.address, access!.values?.[0] ?? 0);
}
