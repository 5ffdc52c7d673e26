/** Who may do what: read and compile a policy file, decide, explain, run its tests. */
export { questionFor } from "./asked/asked.ts";
export { AskedError } from "./asked/asked-error.ts";
export { type PolicyTestCase, type PolicyTestResult, runPolicyTests } from "./asked/policy-tests.ts";
export { type CompileOptions, compilePolicy } from "./compile.ts";
export type { Extremes, KnownRegister, Moment, Need, Watch } from "./decide/moment.ts";
export type { Policy, Question, Uses } from "./decide/question.ts";

export { type DiffOptions, diffPolicies, type PolicyDiff } from "./diff/diff.ts";
export type { DiffRegion } from "./diff/words.ts";
export { cedarPolicies } from "./export/cedar/policies.ts";

export { type CedarRequest, cedarRequests } from "./export/cedar/requests.ts";
export { type ExportFormat, exportFormats, exportPolicy } from "./export/export.ts";
export type { ExportHeader } from "./export/table/header.ts";
export { type AccessRow, accessRows } from "./export/table/rows.ts";
export { type PolicyDocument, policyJsonSchema, readPolicy } from "./language/read.ts";
export { askedSchema } from "./language/schema.ts";
export { NoHashError } from "./language/sha256.ts";
export type {
  ApprovalText,
  AskedText,
  EntryText,
  FunctionText,
  InterlockText,
  KnownText,
  LabelText,
  PolicyFile,
  RangeText,
  RateText,
  RecordText,
  RolesText,
  RuleText,
  SubjectKind,
  SubjectsText,
  TestText,
  WhenText,
} from "./language/text.ts";
export { type Learned, Learner, type LearnOptions } from "./learn/learn.ts";
export type { NotCovered } from "./learn/not-covered.ts";
export type {
  LintCode,
  LintFinding,
  LintIdentity,
  LintListener,
  LintOptions,
  LintSeverity,
  LintSite,
} from "./lint/finding.ts";
export { lintPolicy } from "./lint/lint.ts";
export type { Observation } from "./observation.ts";
export type { ReplayExample, ReplayGroup } from "./replay/groups.ts";
export { Replayer, type ReplayOptions, type ReplayResult } from "./replay/replay.ts";
export type { UnknownFact } from "./replay/worlds.ts";
export type { PolicyDevice } from "./rules/device.ts";
export type { PolicyLocation } from "./rules/location.ts";
export type { ApprovalNeed, RateLimit } from "./rules/rule.ts";
