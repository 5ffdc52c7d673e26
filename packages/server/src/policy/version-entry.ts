import { type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";

/**
 * One policy that was in force, as the index has it. Nothing is ever taken back: a rollback is a new version with the
 * text of an old one.
 */
export interface PolicyVersion {
  /** Rises by one with every version; none is given twice. */
  readonly version: number;
  /** What explanations and records carry: the first 16 hex digits over the canonical document. */
  readonly hash: string;
  /** Of the text, hex. */
  readonly sha256: string;
  /** When it was applied, RFC 3339. */
  readonly time: string;
  /** "withdraw": the version before could not be put in force, and this is the one before that. */
  readonly action: "apply" | "rollback" | "withdraw";
  /** "start": the site's policy file when the site was started · "control": its control socket · "command": on a site that was not running. */
  readonly by: "start" | "control" | "command";
  /** The version whose text this is, of a rollback and of what was withdrawn. */
  readonly of?: number;
  /** What became of the tests in the file. */
  readonly tests: "passed" | "failed" | "skipped";
  /** SHA-256 of the site's policy file as it was then: only another one is looked at when the site starts. Empty: unreadable. */
  readonly seen: string;
  readonly comment?: string;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const signed = z.strictObject({
  version: z.int().min(1).max(999_999_999),
  hash: z.string().regex(/^[0-9a-f]{16}$/),
  sha256: digest,
  time: z.iso.datetime(),
  action: z.enum(["apply", "rollback", "withdraw"]),
  by: z.enum(["start", "control", "command"]),
  of: z.int().min(1).exactOptional(),
  tests: z.enum(["passed", "failed", "skipped"]),
  seen: z.union([digest, z.literal("")]),
  comment: z.string().max(1000).exactOptional(),
  sig: z.string().max(200),
}) satisfies z.ZodType<PolicyVersion & { readonly sig: string }>;

/** The text that the Ed25519 signature is over; its first line is its own version. */
function signedText(entry: PolicyVersion): Buffer {
  const { version, hash, sha256, time, action, by, of, tests, seen, comment } = entry;
  const lines = ["modwarden-policy-v1", version, hash, sha256, time, action, by, of ?? "-", tests, seen || "-"];
  return Buffer.from(`${[...lines, JSON.stringify(comment ?? null)].join("\n")}\n`, "utf8");
}

/** A line of the index, without LF. */
export function writeEntry(entry: PolicyVersion, key: KeyObject): string {
  return JSON.stringify({ ...entry, sig: sign(null, signedText(entry), key).toString("base64") });
}

/** The entry in a line of the index, or why it is none that was signed here. */
export function readEntry(line: string, key: KeyObject): PolicyVersion | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "it is no JSON";
  }
  const parsed = signed.safeParse(value);
  if (!parsed.success) return "it is not of the form of a version";
  const { sig, ...entry } = parsed.data;
  const holds = verify(null, signedText(entry), key, Buffer.from(sig, "base64"));
  return holds ? entry : `the signature of version ${entry.version} does not hold`;
}
