/** The attack that a folder cannot show: the log is put back to an earlier state of its own, its private keys too. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AuditRecord, readRecords, verifyLog } from "@modwarden/audit";
import { enrolInto } from "@modwarden/identity";
import { loadSite, siteCommand } from "@modwarden/server";
import { expect, it } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt } from "./support.ts";

const AWAY = "modbus+tcp://127.0.0.1:9?unit=1";

function change(site: SiteFolder, from: string, to: string): void {
  writeFileSync(site.file, readFileSync(site.file, "utf8").replace(from, to));
}

/** Copies log and keys between a site and its copy. */
function copy(site: SiteFolder, name: string, back = false): void {
  for (const folder of ["audit", "audit-keys"]) {
    const [from, to] = [join(site.dir, "data", folder), join(site.dir, name, folder)];
    if (back) rmSync(from, { recursive: true });
    cpSync(back ? to : from, back ? from : to, { recursive: true });
  }
}

it("is found by a file and by another gateway", async (context) => {
  const other = createSiteFolder(AWAY);
  change(other, "id: gw1", "id: gw2");
  const site = createSiteFolder(AWAY);
  context.onTestFinished(() => {
    other.remove();
    site.remove();
  });
  const records = (of: SiteFolder, event: string): readonly AuditRecord[] =>
    [...readRecords(of.audit)].filter((record) => record["event"] === event);
  const covered = (file: string): number => {
    const line = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").at(-1) : undefined;
    return line === undefined || line === "" ? 0 : (JSON.parse(line) as { size: number }).size;
  };

  const witness = startBuilt(context, ["up", other.file, "--json"]);
  const gateway = await witness.ready("enrolment");
  await witness.ready("all");
  const made = await siteCommand(loadSite(other.file), "key.create", { kind: "gateway", roles: [] });
  const { key, pin } = made as { readonly key: string; readonly pin: string };
  await enrolInto(join(site.dir, "at-gw2"), { url: gateway, key, pin, name: "gw1" });

  const file = join(site.dir, "witness.jsonl");
  const byFile = "{ file: witness.jsonl, every: 1s }";
  const byGateway = `{ gateway: "${gateway}", identity: at-gw2, every: 1s }`;
  change(site, "reads: each", `reads: each, witness: [${byFile}, ${byGateway}]`);
  const first = startBuilt(context, ["up", site.file, "--json"]);
  await first.ready("all");
  await siteCommand(loadSite(site.file), "identity.add", { id: "hmi", kind: "client", role: "Viewer" });
  const folder = join(other.dir, "data", "witnessed", "gw1");
  const atGateway = (): string => {
    const name = existsSync(folder) ? readdirSync(folder).find((one) => one.endsWith(".jsonl")) : undefined;
    return join(folder, name ?? "none");
  };
  await expect.poll(() => Math.min(covered(file), covered(atGateway())), { timeout: 20_000 }).toBeGreaterThan(3);
  expect(await first.stop()).toMatchObject({ code: 0, stderr: expect.not.stringContaining("witness") });
  // Both have its end, the stop among it.
  const size = covered(file);
  expect(verifyLog({ dir: site.audit })).toMatchObject({ ok: true, records: size, pending: 0 });
  expect(covered(atGateway())).toBe(size);
  copy(site, "kept");

  const second = startBuilt(context, ["up", site.file, "--json"]);
  await second.ready("all");
  await siteCommand(loadSite(site.file), "identity.revoke", { id: "hmi" });
  await second.stop();
  expect(covered(atGateway())).toBeGreaterThan(size);
  // Nothing of the revocation stands in the log any more, and nothing in the log shows it.
  copy(site, "kept", true);
  expect(verifyLog({ dir: site.audit })).toMatchObject({ ok: true, records: size });

  const refused = await startBuilt(context, ["up", site.file, "--json"]).finished;
  expect(refused.code).toBe(1);
  expect(refused.json.at(-1)).toMatchObject({ error: { code: "ERR_AUDIT_TAMPERED" } });

  // Who also takes the file out of the site's file meets the gateway: that does not stop the site, and tells everybody.
  change(site, `${byFile}, `, "");
  const third = startBuilt(context, ["up", site.file, "--json"]);
  await third.ready("all");
  await expect
    .poll(() => records(site, "witness-mismatch"), { timeout: 20_000 })
    .toMatchObject([{ kind: "system", witness: `gateway ${gateway}`, proven: true }]);
  const shown = await modwarden(["status", "--site", site.file, "--json"], { from: "built" });
  expect(shown).toMatchObject({
    code: 1,
    json: [{ audit: { state: "working", witnesses: [{ name: `gateway ${gateway}`, state: "differs" }] } }],
  });
  expect((shown.json[0] as { audit: { bytes: number } }).audit.bytes).toBeGreaterThan(0);
  const said = await third.stop();
  expect(said.stderr).toContain("ALARM");

  // The gateway keeps what it has.
  expect(covered(atGateway())).toBeGreaterThan(size);
  expect(records(other, "witnessing")).toMatchObject([{ peer: "gw1", others: [] }]);
  expect((await witness.stop()).stderr).not.toContain("ALARM");
}, 120_000);
