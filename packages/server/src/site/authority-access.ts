import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AuthorityOptions, Signer } from "@modwarden/identity";
import { SiteError } from "./error.ts";
import type { Site } from "./load.ts";

/** What opens the keys of the site's authority, as its file says. Error: ERR_SITE_AUTHORITY */
export async function authorityAccess(site: Site): Promise<AuthorityOptions> {
  const passphrase = readPassphrase(site);
  const signer = await openSigner(site);
  const est = companyAuthority(site);
  return {
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(signer === undefined ? {} : { signer }),
    ...(est === undefined ? {} : { est }),
  };
}

/** The company's authority that issues leaves, with what it is asked by; undefined when the site file names none. */
function companyAuthority(site: Site): AuthorityOptions["est"] {
  const named = site.value.authority?.est;
  if (named === undefined) return undefined;
  const { url, anchors, user, passwordFile, identity } = named;
  const at = (file: string): string => resolve(dirname(site.file), file);
  return {
    url,
    anchors: readPublicFile(at(anchors)),
    ...(user === undefined || passwordFile === undefined
      ? {}
      : { user, password: readSecretFile(at(passwordFile), "the password for the EST server") }),
    ...(identity === undefined
      ? {}
      : {
          identity: {
            key: readSecretFile(at(identity.key), "the key for the EST server"),
            chain: readPublicFile(at(identity.certificate)),
          },
        }),
  };
}

function readPublicFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw wrong(`${file} of authority.est cannot be read`, cause);
  }
}

/**
 * The passphrase from its file, or from a credential that systemd passes to the service; undefined when the site file
 * names none. A line end behind it does not belong to it. Error: ERR_SITE_AUTHORITY
 */
export function readPassphrase(site: Site): string | undefined {
  const named = site.value.authority?.passphrase;
  if (named === undefined) return undefined;
  const file = "file" in named ? resolve(dirname(site.file), named.file) : credential(named.credential);
  const text = readSecretFile(file, "the passphrase");
  if (text.length === 0) throw wrong(`${file} is empty: it is to hold the passphrase of the authority's keys`);
  return text;
}

function credential(name: string): string {
  const { CREDENTIALS_DIRECTORY: folder } = process.env;
  if (folder !== undefined) return join(folder, name);
  throw wrong(
    `the credential "${name}" is passed by systemd (LoadCredential=), and this process was not started by it`,
  );
}

function readSecretFile(file: string, what: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw wrong(`${file} can be read by others than its owner: \`chmod 600\` it, and replace ${what}`);
    }
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    if (cause instanceof SiteError) throw cause;
    throw wrong(`${what} cannot be read from ${file}`, cause);
  }
}

/** What a signer module exports. `options` are those of the site file. */
interface SignerModule {
  openSigner(options: unknown): Promise<Signer> | Signer;
}

async function openSigner(site: Site): Promise<Signer | undefined> {
  const named = site.value.authority?.signer;
  if (named === undefined) return undefined;
  const file = resolve(dirname(site.file), named.module);
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    if (!isSignerModule(module)) throw wrong(`${file} exports no function openSigner`);
    return await module.openSigner(named.options);
  } catch (cause) {
    if (cause instanceof SiteError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw wrong(`the signer of ${file} cannot be opened: ${why}`, cause);
  }
}

function isSignerModule(module: unknown): module is SignerModule {
  return (
    typeof module === "object" && module !== null && "openSigner" in module && typeof module.openSigner === "function"
  );
}

function wrong(message: string, cause?: unknown): SiteError {
  return new SiteError("ERR_SITE_AUTHORITY", message, { cause });
}
