import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Where `scripts/peers.mjs` installs them. */
const manifest = new URL("../../.modwarden/peers/package.json", import.meta.url);

/** Another library, loaded from where the bench installs it. Who asks knows its shape. */
export function requirePeer(name: string): unknown {
  return createRequire(fileURLToPath(manifest))(name);
}
