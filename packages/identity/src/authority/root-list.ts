import { X509Certificate } from "node:crypto";
import { writeEntries, writeList } from "../certificate/crl.ts";
import { pemOf } from "../certificate/pem.ts";
import { sameKey } from "../certificate/read.ts";
import { issuerOf } from "../certificate/write.ts";
import { IdentityError } from "../errors.ts";
import { readKeyFile } from "./key-file.ts";
import { keySigner } from "./signer.ts";
import { BACKDATE_MS, ROOT_LIST_MS, wholeSecond } from "./time.ts";

/**
 * The next revocation list (PEM) of `root` (PEM), signed with the key in `file`, which may stand on a medium that only
 * this command ever sees. Errors: ERR_AUTHORITY_KEY when it is another's key, ERR_AUTHORITY_PASSPHRASE
 */
export async function signRootList(
  root: string,
  file: string,
  options: { readonly passphrase?: string; readonly now: Date },
): Promise<string> {
  const certificate = new X509Certificate(root);
  const key = readKeyFile(file, options.passphrase);
  const signer = key === undefined ? undefined : keySigner(key);
  if (signer === undefined || !sameKey(signer.publicKey, certificate.publicKey)) {
    throw new IdentityError("ERR_AUTHORITY_KEY", `${file} does not hold the key of this site's root`);
  }
  const now = options.now.getTime();
  const content = {
    thisUpdate: wholeSecond(now - BACKDATE_MS),
    nextUpdate: wholeSecond(now + ROOT_LIST_MS),
    number: BigInt(Math.floor(now / 1000)),
    entries: writeEntries([]),
  };
  return pemOf("X509 CRL", await writeList(content, issuerOf(certificate.raw, signer)));
}
