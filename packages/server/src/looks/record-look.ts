import { existsSync } from "node:fs";
import { join } from "node:path";
import { AuditLog } from "@modwarden/audit";
import { askControlSocket } from "../site/control-socket.ts";
import type { Site } from "../site/load.ts";
import { lockData } from "../site/lock.ts";
import { type Look, serialiseLook } from "./look.ts";

/**
 * Records that a command looks at a site's log: through its control socket when it runs, else under its lock, between
 * a start and a stop of the log. On disk when it resolves; a site without a log has nothing to look at. Rejects when
 * it cannot be recorded.
 */
export async function recordLook(site: Site, look: Look): Promise<void> {
  if ((await askControlSocket(join(site.data, "control.sock"), "audit.looked", look)) !== undefined) return;
  const dir = join(site.data, "audit");
  if (!existsSync(join(dir, "key.pub"))) return;
  const lock = lockData(site.data);
  try {
    const now = (): Date => new Date();
    const log = AuditLog.open({ dir, site: site.value.site, gateway: site.value.gateway.id, now });
    try {
      log.append(serialiseLook(now(), { operator: true }, look));
    } finally {
      log.close();
    }
  } finally {
    lock.release();
  }
}
