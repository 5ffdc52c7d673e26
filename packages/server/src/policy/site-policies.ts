import type { IdentityService } from "@modwarden/identity";
import type { Site } from "../site/load.ts";
import { messageOf } from "../threads/thread-error.ts";
import { type Choice, choosePolicy, failing, prepareKept } from "./choose.ts";
import { orphanWarnings } from "./orphans.ts";
import { type PreparedPolicy, preparePolicy, requireTests } from "./prepare.ts";
import { type PolicyRecord, reasonOf } from "./record.ts";
import { rollbackTarget } from "./rollback-target.ts";
import type { PolicyVersion } from "./version-entry.ts";
import { type KeptPolicy, type PolicyVersions, sha256 } from "./versions.ts";

export interface PolicyParts {
  readonly site: Site;
  readonly versions: PolicyVersions;
  readonly now: () => Date;
  /** Who asks for what comes after the start. */
  readonly by: "control" | "command";
  /** Resolves when the log has it on disk. */
  readonly record: (record: PolicyRecord) => Promise<void>;
  /** Resolves when every line judges by it. */
  readonly enforce: (policy: { readonly text: string; readonly file: string }) => Promise<void>;
  /** Told when another policy is in force: resolves when what rests on the one before has ended. */
  readonly replaced?: () => Promise<void>;
}

export interface ApplyRequest {
  readonly text: string;
  /** What messages call it. */
  readonly file: string;
  readonly comment?: string;
  readonly skipTests?: boolean;
}

/** What was put in force, and what it is. */
export interface AppliedPolicy {
  readonly version: number;
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly rules: number;
  readonly roles: readonly string[];
  readonly tests: PolicyVersion["tests"];
  /** The version before; null for the first. */
  readonly previous: number | null;
  /** The version whose text it is, of a rollback. */
  readonly of?: number;
  /** It was in force already: nothing has changed. */
  readonly unchanged?: true;
  readonly warnings: readonly string[];
}

type Identity = Pick<IdentityService, "identities" | "keys">;

/**
 * The policy in force at a site and how another takes its place: prepared and kept on disk first, then recorded, then
 * given to the line. What goes wrong on the way leaves the one before in force. One change at a time.
 */
export class SitePolicies {
  readonly #parts: PolicyParts;
  #inForce: PreparedPolicy;
  #entry: PolicyVersion | undefined;
  #underWay: Promise<unknown> = Promise.resolve();

  private constructor(parts: PolicyParts, { policy, ...choice }: Choice) {
    this.#parts = parts;
    this.#inForce = policy;
    this.#entry = choice.kind === "version" ? choice.entry : undefined;
  }

  /** What the site would begin with now; nothing is written. Errors as `choosePolicy`. */
  static async look(parts: PolicyParts): Promise<SitePolicies> {
    return new SitePolicies(parts, await choosePolicy(parts.site, parts.versions));
  }

  /** The site begins: a policy file that has changed becomes a version, and what is wrong is told and recorded. */
  static async start(parts: PolicyParts, onNotice: (text: string) => void): Promise<SitePolicies> {
    const { site, versions, record } = parts;
    const choice = await choosePolicy(site, versions);
    for (const { version, reason } of versions.problems) {
      onNotice(`the versions of the policy were changed from outside: ${reason}`);
      await record({ event: "damaged", ...(version === undefined ? {} : { version }), reason });
    }
    const policies = new SitePolicies(parts, choice);
    if (choice.kind === "file") {
      if (choice.tests === "failed") {
        onNotice(`tests of the policy fail: ${messageOf(failing(site, choice.policy))}`);
      }
      await policies.#install(choice.policy, { action: "apply", by: "start", tests: choice.tests });
      return policies;
    }
    const { version, hash } = choice.entry;
    if (choice.refused !== undefined) {
      const { error, sha256: digest } = choice.refused;
      await record({
        event: "refused",
        by: "start",
        ...(digest === "" ? {} : { sha256: digest }),
        reason: reasonOf(error),
      });
      onNotice(
        `${site.policyFile} has changed and cannot be used; version ${version} of the policy (${hash}) stays in force:\n${messageOf(error)}`,
      );
    }
    await record({ ...recordOf(choice.entry, choice.policy), event: "in-force" });
    return policies;
  }

  get inForce(): PreparedPolicy {
    return this.#inForce;
  }

  /** The version in force; undefined while it is a policy file that has not been one yet. */
  get version(): PolicyVersion | undefined {
    return this.#entry;
  }

  /** The newest `most`, oldest of them first; without it all that are kept. */
  history(most: number = Number.MAX_SAFE_INTEGER): readonly PolicyVersion[] {
    return this.#parts.versions.entries().slice(-most);
  }

  /**
   * Puts another policy in force. Errors, which leave the one before: `DocumentError` (file:line:column),
   * ERR_POLICY_TESTS, and what disk, log and line say.
   */
  apply(request: ApplyRequest, identity: Identity): Promise<AppliedPolicy> {
    return this.#alone(async () => {
      const { site } = this.#parts;
      const { text, file, comment, skipTests = false } = request;
      let prepared: PreparedPolicy;
      try {
        prepared = preparePolicy(site, text, file);
        if (!skipTests) requireTests(site, prepared);
      } catch (error) {
        await this.#refused(error, sha256(text));
        throw error;
      }
      return await this.#replace(prepared, identity, {
        action: "apply",
        by: this.#parts.by,
        tests: skipTests ? "skipped" : "passed",
        ...(comment === undefined ? {} : { comment }),
      });
    });
  }

  /**
   * Puts the text of an earlier version in force again, as a new version; without `version` that of the last one that
   * was another. Errors: ERR_POLICY_VERSION_UNKNOWN, ERR_POLICY_VERSION_DAMAGED, and those of `apply` but its tests.
   */
  rollback(
    request: { readonly version?: number; readonly comment?: string },
    identity: Identity,
  ): Promise<AppliedPolicy> {
    return this.#alone(async () => {
      const { site, versions, by } = this.#parts;
      const { comment } = request;
      let kept: KeptPolicy;
      let prepared: PreparedPolicy;
      try {
        kept = await versions.kept(request.version ?? rollbackTarget(versions.entries()));
        prepared = prepareKept(site, kept);
      } catch (error) {
        await this.#refused(error);
        throw error;
      }
      const { version: of, tests } = kept.entry;
      const draft = { action: "rollback", by, of, tests, ...(comment === undefined ? {} : { comment }) } as const;
      return await this.#replace(prepared, identity, draft);
    });
  }

  async #replace(
    prepared: PreparedPolicy,
    identity: Identity,
    draft: Pick<PolicyVersion, "action" | "by" | "of" | "tests" | "comment">,
  ): Promise<AppliedPolicy> {
    const previous = this.#entry?.version ?? null;
    const { compiled, document, text } = prepared;
    const common = {
      hash: compiled.hash,
      mode: compiled.mode,
      rules: document.value.rules.length,
      roles: compiled.roles,
    };
    if (this.#entry !== undefined && text === this.#inForce.text && this.#seen() === this.#entry.seen) {
      const { version, tests } = this.#entry;
      return { version, ...common, tests, previous, unchanged: true, warnings: [] };
    }
    const warnings = await orphanWarnings(identity, this.#inForce.compiled.roles, compiled.roles);
    const { version, tests, of } = await this.#install(prepared, draft);
    await this.#parts.replaced?.();
    return { version, ...common, tests, previous, ...(of === undefined ? {} : { of }), warnings };
  }

  async #install(
    policy: PreparedPolicy,
    draft: Pick<PolicyVersion, "action" | "by" | "of" | "tests" | "comment">,
  ): Promise<PolicyVersion> {
    const { record, enforce } = this.#parts;
    const before = { policy: this.#inForce, entry: this.#entry };
    const entry = await this.#keep(policy, draft);
    try {
      await record(recordOf(entry, policy));
      await enforce(policy);
    } catch (error) {
      if (before.entry !== undefined) await this.#withdraw({ policy: before.policy, entry: before.entry }, error);
      throw error;
    }
    this.#inForce = policy;
    this.#entry = entry;
    return entry;
  }

  async #keep(
    policy: PreparedPolicy,
    draft: Pick<PolicyVersion, "action" | "by" | "of" | "tests" | "comment">,
  ): Promise<PolicyVersion> {
    const { versions, now } = this.#parts;
    const { hash } = policy.compiled;
    return await versions.add({ hash, time: now().toISOString(), ...draft, seen: this.#seen() }, policy.text);
  }

  /** What is kept on disk could not be put in force: the one before is the newest again. */
  async #withdraw(
    before: { readonly policy: PreparedPolicy; readonly entry: PolicyVersion },
    cause: unknown,
  ): Promise<void> {
    const { record, enforce, by } = this.#parts;
    const draft = { action: "withdraw", by, of: before.entry.version, tests: before.entry.tests } as const;
    try {
      this.#entry = await this.#keep(before.policy, draft);
      await enforce(before.policy);
      await record({ ...recordOf(this.#entry, before.policy), reason: reasonOf(cause) });
    } catch (error) {
      throw new AggregateError(
        [cause, error],
        `the policy could not be put in force (${messageOf(cause)}), and taking it back failed as well (${messageOf(error)}): look at \`modwarden status\` and restart the site`,
      );
    }
  }

  async #refused(error: unknown, digest?: string): Promise<void> {
    const { record, by } = this.#parts;
    await record({
      event: "refused",
      by,
      ...(digest === undefined ? {} : { sha256: digest }),
      reason: reasonOf(error),
    });
  }

  /** What the policy file of the site is now; a file that cannot be read has not been seen. */
  #seen(): string {
    try {
      return sha256(this.#parts.site.readPolicyFile());
    } catch {
      return "";
    }
  }

  #alone<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#underWay.then(run);
    this.#underWay = result.catch(() => undefined);
    return result;
  }
}

function recordOf(entry: PolicyVersion, { compiled }: PreparedPolicy): PolicyRecord {
  const { version, hash, sha256: digest, action, by, of, tests, comment } = entry;
  return {
    event: action === "apply" ? "applied" : action === "rollback" ? "rolled-back" : "withdrawn",
    version,
    hash,
    mode: compiled.mode,
    by,
    ...(of === undefined ? {} : { of }),
    tests,
    sha256: digest,
    ...(comment === undefined ? {} : { comment }),
  };
}
