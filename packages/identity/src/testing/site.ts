import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKey } from "../authority/key-file.ts";
import { createRequest } from "../client/csr.ts";
import type { IdentityEvent } from "../events.ts";
import { openIdentity } from "../service.ts";
import type { IdentityOptions, IdentityService } from "../types.ts";

/** A registry in a folder of its own, with a clock that only the test moves and every event kept. */
export interface TestSite extends AsyncDisposable {
  readonly dir: string;
  readonly events: IdentityEvent[];
  service: IdentityService;
  /** Milliseconds since 1970, as the service sees them. */
  clock: number;
  restart(): Promise<void>;
}

export async function openSite(options: Partial<IdentityOptions> = {}): Promise<TestSite> {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-identity-"));
  const events: IdentityEvent[] = [];
  const open = (): Promise<IdentityService> =>
    openIdentity({
      dir,
      now: () => new Date(site.clock),
      deliver: async (delivered) => {
        events.push(...delivered);
      },
      ...options,
    });
  const site: TestSite = {
    dir,
    events,
    clock: Date.now(),
    service: undefined as unknown as IdentityService,
    async restart() {
      await site.service.close();
      site.service = await open();
    },
    async [Symbol.asyncDispose]() {
      await site.service.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  site.service = await open();
  return site;
}

/** A signing request for a fresh key. */
export async function freshRequest(name = "asked-for"): Promise<string> {
  return await createRequest(newKey(), name);
}
