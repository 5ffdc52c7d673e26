/** Who may do what: read and compile a policy file, decide, explain, run its tests. */
export { questionFor } from "./asked.ts";
export { AskedError } from "./asked-error.ts";
export { type CompileOptions, compilePolicy } from "./compile.ts";
export { type PolicyTestCase, type PolicyTestResult, runPolicyTests } from "./policy-tests.ts";
export type { Policy, PolicyDevice, Question } from "./question.ts";
export { type PolicyDocument, policyJsonSchema, readPolicy } from "./read.ts";
export type {
  AskedText,
  EntryText,
  FunctionText,
  LabelText,
  PolicyFile,
  RangeText,
  RolesText,
  RuleText,
  TestText,
} from "./schema.ts";
export { NoHashError } from "./sha256.ts";
