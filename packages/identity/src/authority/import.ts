import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { der } from "@modwarden/modbus";
import { certificatePem, pemBlocks } from "../certificate/pem.ts";
import { certificatesOf } from "../certificate/pkcs7.ts";
import { type PublicKey, sameKey } from "../certificate/read.ts";
import { IdentityError } from "../errors.ts";
import { type Chain, issuingOf, readChain, rootOf, verifies } from "./chain.ts";
import { syncFolder, writeNewFile } from "./files.ts";
import { type KeyAccess, openHierarchy } from "./hierarchy.ts";

const MAX_CHARACTERS = 256 * 1024;

/**
 * The chain of `key` in what another authority sent (PEM in any order, or PKCS #7 as PEM), from the certificate for
 * that key up to a root. Error: ERR_AUTHORITY_IMPORT
 */
export function importedChain(text: string, key: PublicKey, now: Date): Chain {
  const certificates = certificatesIn(text);
  const first = certificates.find((certificate) => sameKey(certificate.publicKey, key));
  if (first === undefined) throw refused("none of its certificates is for the key that was asked for");
  const found: X509Certificate[] = [first];
  for (let last = first; !selfIssued(last); ) {
    const issuer = certificates.find((one) => !found.includes(one) && last.checkIssued(one) && verifies(last, one));
    if (issuer === undefined) {
      throw refused(`the certificate that issued ${oneLine(last.subject)} is not in it: the root belongs to the chain`);
    }
    found.push(issuer);
    last = issuer;
  }
  const pem = found.map((certificate) => certificatePem(certificate.raw)).join("");
  const chain = readChain(pem, "what was imported", "ERR_AUTHORITY_IMPORT");
  for (const certificate of chain) {
    if (certificate.validFromDate > now || certificate.validToDate <= now) {
      const span = `${certificate.validFromDate.toISOString()} to ${certificate.validToDate.toISOString()}`;
      throw refused(`${oneLine(certificate.subject)} holds from ${span}, and it is ${now.toISOString()}`);
    }
  }
  return chain;
}

/**
 * Puts a new chain in place of the one in `folder`, with everything that was there kept under `former/`: what it issued
 * holds to its end. `fill` completes the new folder before it counts; when it throws, nothing has happened.
 */
export function replaceChain(
  folder: string,
  chain: Chain,
  options: KeyAccess & { readonly now: Date; readonly fill: (folder: string) => void },
): void {
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  const earlier = `${options.now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  try {
    mkdirSync(join(next, "former"), { recursive: true, mode: 0o700 });
    copyFolder(folder, join(next, "former", earlier), ["former", "request", "crl"]);
    for (const name of ["former", "crl"]) copyFolder(join(folder, name), join(next, name), []);
    writeNewFile(join(next, "issuing.pem"), certificatePem(issuingOf(chain).raw), 0o644);
    writeNewFile(join(next, "root.pem"), certificatePem(rootOf(chain).raw), 0o644);
    const between = chain.slice(1, -1).map((certificate) => certificatePem(certificate.raw));
    if (between.length > 0) writeNewFile(join(next, "chain.pem"), between.join(""), 0o644);
    const key = join(folder, "request", "issuing.key");
    if (existsSync(key)) writeNewFile(join(next, "issuing.key"), readFileSync(key), 0o600);
    openHierarchy(next, options);
    options.fill(next);
    syncFolder(next);
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    throw error;
  }
  renameSync(folder, `${folder}.old`);
  finishReplacing(folder);
}

/** Completes a change of the chain that a crash broke off between its two renames. */
export function finishReplacing(folder: string): void {
  if (!existsSync(folder) && existsSync(`${folder}.old`)) {
    renameSync(existsSync(`${folder}.next`) ? `${folder}.next` : `${folder}.old`, folder);
    syncFolder(dirname(folder));
  }
  if (existsSync(`${folder}.old`)) rmSync(`${folder}.old`, { recursive: true, force: true });
}

/** Every file with its mode, and on disk; nothing happens where there is no such folder. */
function copyFolder(from: string, to: string, without: readonly string[]): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from)) {
    if (without.includes(name)) continue;
    const at = statSync(join(from, name));
    if (at.isDirectory()) copyFolder(join(from, name), join(to, name), []);
    else writeNewFile(join(to, name), readFileSync(join(from, name)), at.mode & 0o777);
  }
  syncFolder(to);
}

function certificatesIn(text: string): readonly X509Certificate[] {
  if (text.length > MAX_CHARACTERS) throw refused("it is too large for a chain");
  try {
    const bags = pemBlocks("PKCS7", text).flatMap((bytes) => certificatesOf(bytes));
    return [...pemBlocks("CERTIFICATE", text), ...bags].map((bytes) => new X509Certificate(bytes));
  } catch (cause) {
    const why = cause instanceof der.DerError ? cause.message : "there is something in it that is no certificate";
    throw refused(why, cause);
  }
}

function selfIssued(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && verifies(certificate, certificate);
}

function oneLine(subject: string): string {
  return subject.replaceAll("\n", ", ");
}

function refused(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_AUTHORITY_IMPORT", `the chain is not taken: ${why}`, { cause });
}
