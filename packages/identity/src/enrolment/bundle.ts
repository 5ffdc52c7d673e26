import { signBundle } from "../bundle/sign.ts";
import { splitPem } from "../certificate/pem.ts";
import { CONFIRM_WITHIN_MS, type Context, iso } from "../context.ts";
import { parseList, parseRecord } from "../registry/columns.ts";
import { parseCapabilities } from "../registry/device.ts";
import type { CertificateRow, IdentityRow } from "../registry/schema.ts";
import { renewalPlan } from "../renewal/schedule.ts";

/** A list of more is fetched where it is wanted: it would make every answer as long as itself. */
const MAX_LIST_CHARACTERS = 8192;
/** As many as whoever reads it takes. */
const MAX_ANCHORS = 8;

/**
 * Everything that the holder of a new certificate needs, under one signature: the certificate, whom to trust, what is
 * registered, how to renew. `counter` is what the holder counts once it has confirmed.
 */
export async function bundleFor(
  context: Context,
  row: IdentityRow,
  certificate: CertificateRow,
  counter: number,
): Promise<string> {
  const now = context.now();
  const { site, authority } = context;
  const url = site.url();
  const companyRoots = context.external?.anchors ?? [];
  const { functions, tables, objects } = parseCapabilities(row.capabilities);
  return await signBundle(await authority.bundleSigner(now), {
    bundle: 1,
    site: site.site,
    gateway: site.gateway,
    serverTime: now.toISOString(),
    chain: splitPem(certificate.chain),
    // Our own first: it vouches for the gateway, and for this bundle.
    anchors: [authority.root, ...companyRoots, ...authority.authorities.slice(1)].slice(0, MAX_ANCHORS),
    crls: {
      root: carried(context, "root"),
      issuing: carried(context, "issuing"),
      url: url === undefined ? null : `${url}/v1/crl/issuing`,
    },
    record: {
      id: row.id,
      kind: row.kind,
      role: row.role,
      state: row.state === "active" ? "active" : "claimed",
      serial: row.serial,
      model: row.model,
      unit: row.unit,
      address: row.address,
      firmware: row.firmware,
      capabilities: {
        ...(functions === undefined ? {} : { functions }),
        ...(tables === undefined ? {} : { tables }),
        ...(objects === undefined ? {} : { objects }),
      },
      configuration: parseRecord(row.configuration),
      names: parseList(row.names),
    },
    policy: site.policy(),
    renewal: {
      url: url ?? null,
      after: renewalPlan(certificate).after,
      counter,
      recoveriesLeft: Math.max(0, row.recovery_limit - row.recoveries),
    },
    confirmBy: iso(certificate.confirm_by ?? certificate.issued + CONFIRM_WITHIN_MS),
  });
}

function carried(context: Context, of: "root" | "issuing"): string | null {
  const list = context.lists.of(of)?.pem;
  return list === undefined || list.length > MAX_LIST_CHARACTERS ? null : list;
}
