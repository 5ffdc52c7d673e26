import { z } from "zod";
import { acts, nothing, reads, type SiteCommands, text } from "./site-command.ts";

/** A chain and its revocation lists in a line of the control socket. */
const pem = z
  .string()
  .min(1)
  .max(48 * 1024);
const chain: z.ZodType<{ readonly chain: string; readonly lists?: string }> = z.strictObject({
  chain: pem,
  lists: pem.exactOptional(),
});
const lists: z.ZodType<{ readonly lists: string }> = z.strictObject({ lists: pem });
const named: z.ZodType<{ readonly name: string }> = z.strictObject({ name: text });

export const authorityCommands: SiteCommands = {
  "authority.show": reads(nothing, ({ identity }) => identity.authority.show()),
  "authority.csr": acts(named, async ({ identity }, { name }) => ({
    request: await identity.authority.request(name),
  })),
  "authority.import": acts(chain, ({ identity }, asked) => identity.authority.import(asked.chain, asked.lists)),
  "authority.crl": acts(lists, ({ identity }, asked) => identity.authority.acceptLists(asked.lists)),
};
