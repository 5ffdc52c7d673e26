import { AuditError } from "../error.ts";
import { readExisting } from "../log/existing.ts";
import { KEY_FILE } from "../log/names.ts";
import { MAX_KEY_FILE_BYTES, readPublicKeyFile } from "../log/public-key.ts";

/** The first epoch's public key as the folder has it, base64. Throws `ERR_AUDIT_NO_LOG` where there is none. */
export function checkpointKey(dir: string): string {
  const file = readExisting(`${dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
  const key = file === undefined ? undefined : readPublicKeyFile(file);
  if (key === undefined) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir}/${KEY_FILE} holds no public key`);
  return key;
}
