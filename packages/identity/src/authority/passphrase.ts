import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RandomSource } from "../registration-key.ts";
import { replaceFile } from "./files.ts";
import { encryptedKeyPem, keyPem, readKeyFile } from "./key-file.ts";

/**
 * Writes every key of `folder` again: encrypted under `to`, or plain without one. The caller holds the lock on the data
 * folder. A key is replaced when all could be read. Returns the files. Errors: ERR_AUTHORITY_PASSPHRASE, ERR_AUTHORITY_KEY
 */
export function changePassphrase(
  folder: string,
  options: { readonly from?: string; readonly to?: string; readonly random: RandomSource },
): readonly string[] {
  const { from, to, random } = options;
  const keys = keyFiles(folder).map((file) => ({ file, key: readKeyFile(file, from) }));
  for (const { file, key } of keys) {
    if (key === undefined) continue;
    replaceFile(file, to === undefined ? keyPem(key) : encryptedKeyPem(key, to, random), 0o600);
  }
  return keys.map(({ file }) => file);
}

function keyFiles(folder: string): readonly string[] {
  const former = join(folder, "former");
  const folders = [folder, join(folder, "request")];
  if (existsSync(former)) folders.push(...readdirSync(former).map((name) => join(former, name)));
  return folders.flatMap((one) => [join(one, "root.key"), join(one, "issuing.key")]).filter((file) => existsSync(file));
}
