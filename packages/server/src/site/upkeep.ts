import type { IdentityService } from "@modwarden/identity";

const EVERY_MS = 3_600_000;
/** A clock that is set back makes what was signed before hold for nobody: that is not left so for long. */
const STEP_MS = 30_000;

export interface Upkeep {
  readonly identity: IdentityService;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
  readonly onError: (error: unknown) => void;
  readonly everyMs?: number;
  readonly stepMs?: number;
  readonly now?: () => number;
}

/**
 * What a site owes its identities while it runs: new revocation lists, and a warning of everything that ends. What
 * stands against it already is said once at the start. Returns how to stop.
 */
export function keepUp({ identity, onNotice, onError, ...times }: Upkeep): () => void {
  const { everyMs = EVERY_MS, stepMs = STEP_MS, now = Date.now } = times;
  for (const text of identity.authority.show().warnings) onNotice(text);
  let busy = false;
  const look = async (told: boolean): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const texts = await identity.authority.maintain();
      if (told) for (const text of texts) onNotice(text);
    } catch (error) {
      onError(error);
    } finally {
      busy = false;
    }
  };
  // The first look only writes its events: its sentences have just been said.
  void look(false);
  let lookedAt = now();
  let lastSeen = lookedAt;
  const timer = setInterval(() => {
    const at = now();
    const due = at < lastSeen || at - lookedAt >= everyMs;
    lastSeen = at;
    if (!due) return;
    lookedAt = at;
    void look(true);
  }, stepMs);
  return () => clearInterval(timer);
}
