import { newKey } from "../authority/key-file.ts";
import { createRequest } from "../client/csr.ts";
import { DAY_MS } from "../context.ts";
import type { OfferedRenewal } from "../types.ts";
import { SOURCE } from "./enrol.ts";
import type { TestSite } from "./site.ts";

/** Two thirds of a certificate's ninety days. */
export const DUE_MS: number = 60 * DAY_MS;

export interface Asked {
  readonly way?: "renew" | "recover";
  readonly counter?: number;
  readonly force?: boolean;
  readonly csr?: string;
  readonly source?: string;
}

/** Asks for a new certificate with the one of this fingerprint. */
export async function askRenewal(site: TestSite, fingerprint: string, asked: Asked = {}): Promise<OfferedRenewal> {
  const { way = "renew", csr = await createRequest(newKey(), "asked-for"), source = SOURCE, ...rest } = asked;
  return await site.service[way]({ fingerprint, csr, source, ...rest });
}

/** Asked for and confirmed. */
export async function renewed(site: TestSite, fingerprint: string, asked: Asked = {}): Promise<OfferedRenewal> {
  const offered = await askRenewal(site, fingerprint, asked);
  await site.service.confirm(offered.fingerprint, asked.source ?? SOURCE);
  site.clock += 1000;
  return offered;
}
