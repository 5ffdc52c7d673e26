import { createRequire } from "node:module";
import type { CedarRequest } from "../../index.ts";

/** What is used of `@cedar-policy/cedar-wasm`: policies are parsed once and asked many times. */
interface CedarWasm {
  preparsePolicySet(id: string, policies: { readonly staticPolicies: string }): Answer;
  statefulIsAuthorized(call: object): Authorization;
  validate(call: object): Answer & { readonly validationErrors?: readonly unknown[] };
}
interface Answer {
  readonly type: "success" | "failure";
  readonly errors?: readonly unknown[];
}
type Authorization =
  | { readonly type: "failure"; readonly errors: readonly unknown[] }
  | {
      readonly type: "success";
      readonly response: {
        readonly decision: "allow" | "deny";
        readonly diagnostics: { readonly reason: readonly string[]; readonly errors: readonly unknown[] };
      };
    };

const require = createRequire(import.meta.url);
const cedar = require("@cedar-policy/cedar-wasm/nodejs") as CedarWasm;

export function loadPolicies(text: string): void {
  const answer = cedar.preparsePolicySet("oracle", { staticPolicies: text });
  if (answer.type === "failure") throw new Error(`Cedar cannot read this: ${JSON.stringify(answer.errors)}\n${text}`);
}

/** Errors of the policies under the schema, strictly. */
export function validationErrors(schema: string, policies: string): readonly unknown[] {
  const answer = cedar.validate({
    schema,
    policies: { staticPolicies: policies },
    validationSettings: { mode: "strict" },
  });
  return answer.type === "failure" ? (answer.errors ?? []) : (answer.validationErrors ?? []);
}

/** Whether Cedar permits every one of them; one that it could not evaluate is an error. */
export function permitsAll(requests: readonly CedarRequest[]): boolean {
  return requests.length > 0 && requests.every(permits);
}

function permits(request: CedarRequest): boolean {
  const call = exact({ ...request, preparsedPolicySetId: "oracle", validateRequest: false }) as object;
  const answer = cedar.statefulIsAuthorized(call);
  if (answer.type === "failure" || answer.response.diagnostics.errors.length > 0) {
    throw new Error(`Cedar could not evaluate: ${JSON.stringify(answer)}`);
  }
  return answer.response.decision === "allow";
}

/** Of ECMAScript 2026, and not in TypeScript's library yet. */
const rawJson = (JSON as typeof JSON & { rawJSON(text: string): object }).rawJSON;

/** JSON of whole numbers beyond 2^53, digit by digit. */
function exact(value: unknown): unknown {
  if (typeof value === "bigint") return rawJson(String(value));
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, exact(part)]));
}
