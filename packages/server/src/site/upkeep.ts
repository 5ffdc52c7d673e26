import type { IdentityService } from "@modwarden/identity";

const EVERY_MS = 3_600_000;

export interface Upkeep {
  readonly identity: IdentityService;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
  readonly onError: (error: unknown) => void;
  readonly everyMs?: number;
}

/**
 * What a site owes its identities while it runs: new revocation lists, and a warning of everything that ends. What
 * stands against it already is said once at the start. Returns how to stop.
 */
export function keepUp({ identity, onNotice, onError, everyMs = EVERY_MS }: Upkeep): () => void {
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
  const timer = setInterval(() => void look(true), everyMs);
  return () => clearInterval(timer);
}
