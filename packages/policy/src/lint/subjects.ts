import type { Path } from "@modwarden/document";
import { didYouMean } from "@modwarden/document";
import type { RuleText } from "../language/text.ts";
import type { LintContext } from "./finding.ts";

/** Roles that nobody can have, or that are of no use to those who have them. */
export function lintRoles({ file, problemOfRole, find }: LintContext): void {
  const seen = new Map<string, string>();
  for (const [index, role] of file.roles.entries()) {
    const path = ["roles", index];
    const problem = problemOfRole?.(role);
    if (problem !== undefined) {
      find("role-impossible", path, `no certificate can carry the role "${role}" (${problem}): give it another name`);
    }
    const plain = role.trim().normalize("NFKC").toLowerCase();
    const other = seen.get(plain);
    if (other !== undefined) {
      find("role-alike", path, `"${role}" and "${other}" are two roles that look alike: keep one of them`);
    }
    seen.set(plain, role);
    if (file.rules.some((rule) => permitsTo(rule, role))) continue;
    find("role-without-permit", path, `no rule permits anything to "${role}": add one, or remove the role`);
  }
}

function permitsTo({ permit }: RuleText, role: string): boolean {
  if (permit === undefined) return false;
  return permit.roles === undefined || permit.roles === "*" || permit.roles.includes(role);
}

/** Ids and tags that nobody has. */
export function lintSubjects(rule: RuleText, path: Path, context: LintContext): void {
  const { registry, problemOfId, problemOfTag, find } = context;
  const effect = rule.permit === undefined ? "forbid" : "permit";
  const { ids, tags } = rule[effect] ?? {};
  const known = registry && {
    ids: new Set(registry.map(({ id }) => id)),
    tags: new Set(registry.flatMap((one) => one.tags)),
  };
  for (const [index, id] of (ids ?? []).entries()) {
    const at = [...path, effect, "ids", index];
    const problem = problemOfId?.(id);
    if (problem !== undefined) find("id-impossible", at, `nobody can have the id "${id}": ${problem}`);
    else if (known !== undefined && !known.ids.has(id)) {
      find("id-unknown", at, `nobody of the registry is called "${id}"${didYouMean(id, known.ids)}`);
    }
  }
  for (const [index, tag] of (tags ?? []).entries()) {
    const at = [...path, effect, "tags", index];
    const problem = problemOfTag?.(tag);
    if (problem !== undefined) find("tag-impossible", at, `nobody can have the tag "${tag}": ${problem}`);
    else if (known !== undefined && !known.tags.has(tag)) {
      find("tag-unknown", at, `nobody of the registry has the tag "${tag}"${didYouMean(tag, known.tags)}`);
    }
  }
}

/** Whoever asks cannot approve, so one more than are needed must be able to. */
export function lintApproval(rule: RuleText, path: Path, { registry, find }: LintContext): void {
  const { approval, permit } = rule;
  if (approval === undefined || registry === undefined) return;
  const by = approval.by ?? (permit?.roles === "*" ? undefined : permit?.roles);
  const able = registry.filter(({ role }) => role !== null && (by === undefined || by.includes(role)));
  if (able.length >= approval.people) {
    const asks = registry.filter((one) => one.role !== null && permitsTo(rule, one.role));
    const least = asks.some((one) => able.includes(one)) ? able.length - 1 : able.length;
    if (least >= approval.people) return;
  }
  const wanted = approval.people === 1 ? "one person" : "two people";
  const roles = by === undefined ? "any role" : by.join(", ");
  find(
    "approval-too-few",
    [...path, "approval"],
    `${wanted} must approve, and ${able.length} of the registry may (${roles}); who asks cannot approve: register more, or widen \`by\``,
  );
}
