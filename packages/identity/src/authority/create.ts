import { issueAuthority } from "../certificate/issue.ts";
import { certificatePem } from "../certificate/pem.ts";
import { issuerOf } from "../certificate/write.ts";
import type { RandomSource } from "../registration-key.ts";
import { writeNewFolder } from "./files.ts";
import { encryptedKeyPem, keyPem, newKey } from "./key-file.ts";
import { keySigner, type Signer } from "./signer.ts";
import { BACKDATE_MS, wholeSecond } from "./time.ts";

const YEAR_MS = 365.25 * 24 * 3600 * 1000;
const ROOT_LIFETIME_MS = 20 * YEAR_MS;
const ISSUING_LIFETIME_MS = 10 * YEAR_MS;

/** Makes root and issuing certificate in a new `folder`; the issuing key only where no signer holds it elsewhere. */
export async function createAuthority(
  folder: string,
  options: {
    readonly now: Date;
    readonly random: RandomSource;
    readonly signer?: Signer;
    readonly passphrase?: string;
  },
): Promise<void> {
  const { now, random } = options;
  const rootKey = newKey();
  const issuingKey = options.signer === undefined ? newKey() : undefined;
  const root = keySigner(rootKey);
  // Two authorities never share a name: a chain must not be tried against the wrong root.
  const mark = Buffer.from(random(4)).toString("hex");
  const notBefore = wholeSecond(now.getTime() - BACKDATE_MS);
  const rootCertificate = await issueAuthority({
    commonName: `modwarden root ${mark}`,
    signer: root,
    notBefore,
    notAfter: wholeSecond(now.getTime() + ROOT_LIFETIME_MS),
    random,
  });
  const issuingCertificate = await issueAuthority({
    commonName: `modwarden issuing ${mark}`,
    signer: issuingKey === undefined ? (options.signer ?? root) : keySigner(issuingKey),
    issuer: issuerOf(rootCertificate, root),
    notBefore,
    notAfter: wholeSecond(now.getTime() + ISSUING_LIFETIME_MS),
    random,
  });
  const secret = (key: typeof rootKey): { content: string; mode: number } => ({
    content: options.passphrase === undefined ? keyPem(key) : encryptedKeyPem(key, options.passphrase, random),
    mode: 0o600,
  });
  writeNewFolder(folder, {
    "root.pem": { content: certificatePem(rootCertificate), mode: 0o644 },
    "root.key": secret(rootKey),
    "issuing.pem": { content: certificatePem(issuingCertificate), mode: 0o644 },
    ...(issuingKey === undefined ? {} : { "issuing.key": secret(issuingKey) }),
  });
}
