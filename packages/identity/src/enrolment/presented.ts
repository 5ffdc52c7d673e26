import type { Context } from "../context.ts";

/** Whether a certificate waits for its holder to show it: whoever does so over TLS confirms it. */
export async function awaitsConfirmation(context: Context, fingerprint: string): Promise<boolean> {
  const row = await context.database
    .selectFrom("certificate")
    .select("fingerprint")
    .where("fingerprint", "=", fingerprint)
    .where("revoked", "is", null)
    .where("confirm_by", ">", context.now().getTime())
    .executeTakeFirst();
  return row !== undefined;
}
