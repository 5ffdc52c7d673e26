import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyLog } from "@modwarden/audit";
import { findingOf, type LogRecord, type ScenarioContext } from "./context.ts";
import type { Step } from "./step.ts";

/** Who was refused what in steps 6 to 14, and the reason the log must hold. */
const refusals = [
  "operator-1 6 max",
  "viewer-1 6 no-permit",
  "roleless-1 4 unknown-subject",
  "roleless-1 6 unknown-subject",
  "legacy-hmi 6 no-permit",
  "viewer-1 23 no-permit",
] as const;

const findings = ["handshake-refused", "frame-malformed", "identity-revoked", "identity-refused"] as const;

export const evidence: readonly Step[] = [
  {
    id: 15,
    name: "The log holds every refusal above, verifies, and fails at the right record after one byte is changed in a copy",
    async run(context, seen) {
      const records = await context.log();
      const refused = new Set(records.map(refusalOf));
      for (const refusal of refusals) seen.same(refusal, "recorded", refused.has(refusal) ? "recorded" : "missing");
      const found = new Set(records.map(findingOf));
      for (const rule of findings) seen.same(rule, "recorded", found.has(rule) ? "recorded" : "missing");
      const dir = join(context.demo.site.data, "audit");
      const verified = await verifyLog({ dir });
      seen.same("verification", "ok", verified.ok ? "ok" : verified.reason);
      await tamper(context, records, seen);
    },
  },
];

function refusalOf(record: LogRecord): string {
  const subject = record["subject"] as { readonly id?: unknown } | undefined;
  const operation = record["operation"] as { readonly function?: unknown } | undefined;
  const decision = record["decision"] as { readonly because?: unknown } | undefined;
  return `${String(subject?.id)} ${String(operation?.function)} ${String(decision?.because)}`;
}

/** Changes one digit of one refusal in a copy that lies outside the data folder. */
async function tamper(
  context: ScenarioContext,
  records: readonly LogRecord[],
  seen: Parameters<Step["run"]>[1],
): Promise<void> {
  const target = records.find((record) => refusalOf(record) === refusals[0]);
  const folder = mkdtempSync(join(tmpdir(), "modwarden-tamper-"));
  try {
    const copy = join(folder, "audit");
    cpSync(join(context.demo.site.data, "audit"), copy, { recursive: true });
    for (const name of readdirSync(copy).filter((file) => /^\d{12}\.jsonl$/.test(file))) {
      const bytes = readFileSync(join(copy, name));
      const line = bytes.indexOf(`{"seq":${target?.seq},`);
      const digit = line < 0 ? -1 : bytes.indexOf('"latencyUs":', line) + '"latencyUs":'.length;
      if (digit < 0) continue;
      bytes[digit] = bytes[digit] === 0x31 ? 0x32 : 0x31;
      writeFileSync(join(copy, name), bytes);
    }
    const verified = await verifyLog({ dir: copy });
    seen.same(
      "first wrong record of the copy",
      target?.seq ?? "the operator's refusal",
      verified.ok ? "none" : verified.seq,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
