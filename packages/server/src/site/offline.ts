import { join } from "node:path";
import { AuditLog, serialiseRecord } from "@modwarden/audit";
import { openIdentity } from "@modwarden/identity";
import { serialisePolicyRecord } from "../policy/record.ts";
import { SitePolicies } from "../policy/site-policies.ts";
import { versionFiles } from "../policy/version-files.ts";
import { PolicyVersions } from "../policy/versions.ts";
import { authorityAccess } from "./authority-access.ts";
import { isReading, needsRunningSite, runSiteCommand } from "./commands.ts";
import { askControlSocket } from "./control-socket.ts";
import { recordOf } from "./identity-record.ts";
import type { Site } from "./load.ts";
import { lockData } from "./lock.ts";
import { LogEdges } from "./log-edges.ts";
import { stopped } from "./site-command.ts";
import { siteFacts } from "./site-facts.ts";
import { SiteHolds } from "./site-holds.ts";

/**
 * Runs one command of a site: through its control socket when it runs, else by taking its lock and doing it here, with
 * the same records in the log. There is never a second writer of registry or log.
 */
export async function siteCommand(site: Site, command: string, parameters: unknown): Promise<unknown> {
  const path = join(site.data, "control.sock");
  const answered = await askControlSocket(path, command, parameters);
  if (answered !== undefined) return answered.result;
  if (needsRunningSite(command)) throw stopped();
  const lock = lockData(site.data);
  try {
    const now = (): Date => new Date();
    // Who only looks leaves no trace of a start and a stop; what changes something needs a log that can record it.
    const dir = join(site.data, "audit");
    const edges = new LogEdges(dir);
    let log: AuditLog | undefined;
    let unrecorded: unknown;
    const openLog = (): AuditLog => {
      const { site: name, gateway } = site.value;
      log ??= AuditLog.open({ dir, site: name, gateway: gateway.id, now });
      return log;
    };
    try {
      if (!isReading(command)) openLog();
      const policies = await SitePolicies.look({
        site,
        versions: await PolicyVersions.open(versionFiles(join(site.data, "policy"))),
        now,
        by: "command",
        record: (record) => {
          const open = openLog();
          open.append(serialisePolicyRecord(now(), record));
          open.commit();
          return Promise.resolve();
        },
        // Nothing runs that would have to be told.
        enforce: () => Promise.resolve(),
      });
      const identity = await openIdentity({
        dir: site.data,
        now,
        site: siteFacts(site, policies, () => undefined),
        authority: await authorityAccess(site),
        deliver: async (events, left) => {
          const open = openLog();
          for (const event of edges.missing(events, left)) {
            const { time, kind, fields } = recordOf(event);
            open.append(serialiseRecord(time, kind, fields));
            edges.added(event);
          }
          open.commit();
        },
        onError(error) {
          unrecorded = error;
        },
      });
      try {
        const result = await runSiteCommand(
          {
            identity,
            policies,
            holds: new SiteHolds(site.data, now, (body) => {
              const open = openLog();
              open.append(body);
              open.commit();
              return Promise.resolve();
            }),
            status: () => Promise.reject(stopped()),
          },
          command,
          parameters,
        );
        if (unrecorded !== undefined) throw unrecorded;
        return result;
      } finally {
        await identity.close();
      }
    } finally {
      log?.close();
    }
  } finally {
    lock.release();
  }
}
