/** Fetches what the registry says, again and again while somebody looks at it. */
import type { IdentityView, KeyView, RefusalView } from "./wire.ts";

export interface RegistryPage {
  readonly identities: { readonly total: number; readonly identities: readonly IdentityView[] };
  readonly keys: { readonly total: number; readonly keys: readonly KeyView[] };
  readonly refusals: { readonly refusals: readonly RefusalView[] };
}

const EVERY_MS = 5_000;

/** The returned function ends it. `failed` is told of each round that got no answer. */
export function watchRegistry(show: (page: RegistryPage) => void, failed: () => void): () => void {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async (): Promise<void> => {
    try {
      const [identities, keys, refusals] = await Promise.all([
        get("identities") as Promise<RegistryPage["identities"]>,
        get("keys") as Promise<RegistryPage["keys"]>,
        get("refusals") as Promise<RegistryPage["refusals"]>,
      ]);
      if (!over) show({ identities, keys, refusals });
    } catch {
      // No answer, or a session that has ended: the page goes on showing what it has, and says that it is old.
      if (!over) failed();
    }
    if (!over) timer = setTimeout(() => void round(), EVERY_MS);
  };
  void round();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(`/api/v1/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.json();
}
