import {
  type ImportEntry,
  type ImportOptions,
  importEntry,
  type KeyListOptions,
  MAX_IMPORT,
  type ManyKeys,
} from "@modwarden/identity";
import { z } from "zod";
import { importOptions, keyOptions } from "./key-options.ts";
import { requireKnownRoles } from "./known-roles.ts";
import { acts, byId, nothing, reads, type SiteCommands, text } from "./site-command.ts";

const many: z.ZodType<ManyKeys> = z.union([
  z.strictObject({ count: z.int().min(1).max(10_000) }),
  z.strictObject({ serials: z.array(text).min(1).max(10_000) }),
]);
const query: z.ZodType<KeyListOptions> = z.strictObject({
  limit: z.int().min(1).max(1000).exactOptional(),
  form: z.enum(["token", "derived", "offline", "public-key"]).exactOptional(),
});
const imported: z.ZodType<{ readonly entries: readonly ImportEntry[]; readonly options: ImportOptions }> =
  z.strictObject({ entries: z.array(importEntry).min(1).max(MAX_IMPORT), options: importOptions });
const presented: z.ZodType<{ readonly key: string; readonly serial?: string }> = z.strictObject({
  key: z.string().min(1).max(4096),
  serial: text.exactOptional(),
});
const bySerial: z.ZodType<{ readonly serial: string }> = z.strictObject({ serial: text });
const byText: z.ZodType<{ readonly text: string }> = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(16 * 1024 * 1024),
});

/** Where a command that an administrator gives at the site itself comes from. */
const SOURCE = "control";

export const keyCommands: SiteCommands = {
  "key.create": acts(keyOptions, (services, asked) => {
    requireKnownRoles(services, asked.roles);
    return services.identity.keys.create(asked);
  }),
  "key.create-many": acts(z.strictObject({ options: keyOptions, many }), (services, asked) => {
    requireKnownRoles(services, asked.options.roles);
    return services.identity.keys.createMany(asked.options, asked.many);
  }),
  "key.list": reads(query, ({ identity }, asked) => identity.keys.list(asked)),
  "key.count": reads(query, ({ identity }, asked) => identity.keys.count(asked)),
  "key.revoke": acts(byId, ({ identity }, { id }) => identity.keys.revoke(id)),
  "key.import": acts(imported, (services, asked) => {
    const roles = new Set([...asked.options.roles, ...asked.entries.flatMap(({ role }) => role ?? [])]);
    requireKnownRoles(services, [...roles]);
    return services.identity.keys.import(asked.entries, asked.options);
  }),
  "key.check": acts(presented, ({ identity }, asked) => identity.keys.authenticity({ ...asked, source: SOURCE })),
  "key.serial": reads(bySerial, ({ identity }, { serial }) => identity.keys.bySerial(serial)),
  "key.report-leak": acts(presented, ({ identity }, asked) => identity.keys.reportLeak({ ...asked, source: SOURCE })),
  "key.ledger.export": reads(nothing, ({ identity }) => identity.keys.ledger.export()),
  "key.ledger.import": acts(byText, ({ identity }, { text: ledger }) => identity.keys.ledger.import(ledger)),
};
