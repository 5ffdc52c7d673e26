import { z } from "zod";
import { splitPem } from "../certificate/pem.ts";
import type { LoadedIdentity } from "./folder.ts";
import { post } from "./post.ts";
import { parseEndpoint } from "./server-check.ts";

const listing = z.object({ id: z.string().max(64), state: z.string().max(32) });
const TIMEOUT_MS = 10_000;

/** One person's yes or no, by an identity of their own. `url`: where its own endpoint is elsewhere now. */
export interface Verdict {
  readonly identity: LoadedIdentity;
  readonly id: string;
  readonly verdict: "approve" | "deny";
  readonly url?: string;
  readonly timeoutMs?: number;
}

/**
 * Says so to the site, over a connection that shows that identity's certificate. Errors: ERR_ENROLMENT_APPROVER,
 * ERR_IDENTITY_UNKNOWN, -_STATE, -_APPROVAL, ERR_ENROLMENT_UNREACHABLE, -_SERVER
 */
export async function approveWith(verdict: Verdict): Promise<{ readonly id: string; readonly state: string }> {
  const { key, cert, ca, url } = verdict.identity;
  const connection = {
    endpoint: parseEndpoint(verdict.url ?? url),
    timeoutMs: verdict.timeoutMs ?? TIMEOUT_MS,
    root: ca,
    identity: { key, chain: splitPem(cert).join("") },
  };
  return await post(connection, `/v1/${verdict.verdict}`, { id: verdict.id }, listing);
}
