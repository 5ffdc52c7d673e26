import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sameKey } from "../certificate/read.ts";
import { type Issuer, issuerOf } from "../certificate/write.ts";
import { IdentityError } from "../errors.ts";
import { type Chain, chainPem, issuingOf, readChain, rootOf } from "./chain.ts";
import { readIfThere } from "./files.ts";
import { readKeyFile } from "./key-file.ts";
import { keySigner, type Signer } from "./signer.ts";

/** A chain of authorities, and those of its keys that are at hand. */
export interface Hierarchy {
  readonly folder: string;
  readonly chain: Chain;
  /** The chain as PEM: issuing, whatever is between, root. */
  readonly pem: string;
  /** Signs leaves and their revocation list. */
  readonly issuer: Issuer | undefined;
  /** Signs the root's revocation list; undefined when its key was moved away, or never was here. */
  readonly root: Issuer | undefined;
}

export interface KeyAccess {
  readonly passphrase?: string;
  /** Holds the issuing key in place of issuing.key. */
  readonly signer?: Signer;
}

/** root.pem, chain.pem (what is between, if anything), issuing.pem and the keys of `folder`. Error: ERR_AUTHORITY_DAMAGED */
export function openHierarchy(folder: string, { passphrase, signer }: KeyAccess): Hierarchy {
  const needed = (name: string): string => {
    const text = readIfThere(join(folder, name));
    if (text !== undefined) return text;
    throw damaged(`${join(folder, name)} is missing: restore the folder from its backup`);
  };
  const texts = [needed("issuing.pem"), readIfThere(join(folder, "chain.pem")) ?? "", needed("root.pem")];
  const chain = readChain(texts.join("\n"), folder, "ERR_AUTHORITY_DAMAGED");
  const certified = (issuing: Signer): boolean => sameKey(issuing.publicKey, issuingOf(chain).publicKey);
  const own = signerIn(join(folder, "issuing.key"), passphrase);
  if (own !== undefined && !certified(own)) {
    throw damaged(`${join(folder, "issuing.key")} is not the key of issuing.pem`);
  }
  const issuing = own ?? (signer !== undefined && certified(signer) ? signer : undefined);
  const root = signerIn(join(folder, "root.key"), passphrase);
  if (root !== undefined && !sameKey(root.publicKey, rootOf(chain).publicKey)) {
    throw damaged(`${join(folder, "root.key")} is not the key of root.pem`);
  }
  return {
    folder,
    chain,
    pem: chainPem(chain),
    issuer: issuing === undefined ? undefined : issuerOf(issuingOf(chain).raw, issuing),
    root: root === undefined ? undefined : issuerOf(rootOf(chain).raw, root),
  };
}

/** The authorities that issued here before the present one, the latest first: their certificates hold to their end. */
export function openFormer(folder: string, access: KeyAccess): readonly Hierarchy[] {
  const former = join(folder, "former");
  if (!existsSync(former)) return [];
  return readdirSync(former)
    .toSorted()
    .toReversed()
    .map((name) => openHierarchy(join(former, name), access));
}

/** Where the files of this issuing certificate (PEM) are: among the former ones, once another was imported over it. */
export function folderOf(folder: string, issuing: string): string {
  const former = join(folder, "former");
  const names = existsSync(former) ? readdirSync(former) : [];
  const folders = [folder, ...names.map((name) => join(former, name))];
  return folders.find((one) => readIfThere(join(one, "issuing.pem")) === issuing) ?? folder;
}

function signerIn(file: string, passphrase: string | undefined): Signer | undefined {
  const key = readKeyFile(file, passphrase);
  return key === undefined ? undefined : keySigner(key);
}

export function damaged(message: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_AUTHORITY_DAMAGED", message, { cause });
}
