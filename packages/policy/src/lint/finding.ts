import type { Path, SourceDocument } from "@modwarden/document";
import type { PolicyFile } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import type { PolicyLocation } from "../rules/location.ts";

export type LintSeverity = "error" | "warning" | "info";

/** What may be wrong with a policy that can be used. The codes are stable, and told in docs/policy-lint.md. */
export type LintCode =
  | "name-unknown"
  | "never-matches"
  | "shadowed"
  | "redundant"
  | "role-impossible"
  | "role-alike"
  | "role-without-permit"
  | "id-impossible"
  | "id-unknown"
  | "tag-impossible"
  | "tag-unknown"
  | "unit-without-device"
  | "broadcast-without-device"
  | "elsewhere"
  | "listener-unknown"
  | "transport-without-listener"
  | "write-without-transport"
  | "source-unmapped"
  | "device-unreachable"
  | "value-impossible"
  | "limit-missing"
  | "limit-wider"
  | "step-without-effect"
  | "interlock-never"
  | "hours-always"
  | "rate-below-one"
  | "approval-too-few"
  | "mode-shadow"
  | "tests-none"
  | "test-repeated"
  | "test-contradicts";

export const lintSeverities: Readonly<Record<LintCode, LintSeverity>> = {
  "name-unknown": "error",
  "never-matches": "warning",
  shadowed: "warning",
  redundant: "info",
  "role-impossible": "warning",
  "role-alike": "warning",
  "role-without-permit": "info",
  "id-impossible": "warning",
  "id-unknown": "warning",
  "tag-impossible": "warning",
  "tag-unknown": "warning",
  "unit-without-device": "warning",
  "broadcast-without-device": "warning",
  elsewhere: "warning",
  "listener-unknown": "warning",
  "transport-without-listener": "warning",
  "write-without-transport": "warning",
  "source-unmapped": "warning",
  "device-unreachable": "warning",
  "value-impossible": "warning",
  "limit-missing": "warning",
  "limit-wider": "warning",
  "step-without-effect": "warning",
  "interlock-never": "warning",
  "hours-always": "info",
  "rate-below-one": "info",
  "approval-too-few": "warning",
  "mode-shadow": "info",
  "tests-none": "info",
  "test-repeated": "info",
  "test-contradicts": "warning",
};

export interface LintFinding {
  readonly code: LintCode;
  readonly severity: LintSeverity;
  /** The id of the rule that it is about. */
  readonly rule?: string;
  /** What is so, and what to do about it. */
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Dotted. */
  readonly path: string;
}

export interface LintListener {
  /** As the site file has it. */
  readonly url: string;
  readonly transport: string;
  /** The client networks that have an identity on it; of a plain listener nobody else gets through. */
  readonly sources: readonly string[];
  /** Ids of the devices that it reaches. */
  readonly devices: readonly string[];
}

/** The site that the policy is for. */
export interface LintSite {
  readonly location: PolicyLocation;
  readonly devices: readonly PolicyDevice[];
  readonly listeners: readonly LintListener[];
}

/** Someone of the registry. */
export interface LintIdentity {
  readonly id: string;
  readonly role: string | null;
  readonly tags: readonly string[];
}

export interface LintOptions {
  readonly site?: LintSite;
  /** Everyone who is registered; undefined: not known, and nothing is said of ids and tags. */
  readonly registry?: readonly LintIdentity[];
  /** Why a certificate cannot carry a role, and why nobody can have an id or a tag. Default: nothing is said. */
  readonly problemOfRole?: (role: string) => string | undefined;
  readonly problemOfId?: (id: string) => string | undefined;
  readonly problemOfTag?: (tag: string) => string | undefined;
}

export type Find = (code: LintCode, path: Path, message: string) => void;

export interface LintContext extends LintOptions {
  readonly file: PolicyFile;
  readonly devices: readonly PolicyDevice[];
  readonly find: Find;
}

/** What has been found so far, with its places. */
export class Findings {
  readonly #document: SourceDocument<PolicyFile>;
  readonly #list: LintFinding[] = [];

  constructor(document: SourceDocument<PolicyFile>) {
    this.#document = document;
  }

  find(code: LintCode, path: Path, message: string): void {
    const { line, column, path: dotted } = this.#document.problem(path, message);
    const rule = path[0] === "rules" ? this.#document.value.rules[Number(path[1])]?.id : undefined;
    const severity = lintSeverities[code];
    this.#list.push({ code, severity, ...(rule === undefined ? {} : { rule }), message, line, column, path: dotted });
  }

  /** In the order of the file. */
  sorted(): readonly LintFinding[] {
    return this.#list.toSorted((left, right) => left.line - right.line || left.column - right.column);
  }
}
