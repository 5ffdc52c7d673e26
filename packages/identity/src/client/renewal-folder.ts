import { createPrivateKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder, writeNewFolder } from "../authority/files.ts";
import { keyPem } from "../authority/key-file.ts";
import type { EnrolledIdentity } from "./enrol.ts";
import {
  CONFIRMED,
  describe,
  inForce,
  type LoadedIdentity,
  loadFrom,
  replaceCertificate,
  replaceFile,
} from "./folder.ts";

/**
 * A renewal in its folder. `next/` has the new key from before it is asked with, then the certificate, its identity.json
 * last. Once that is confirmed, `next/` is renamed to `confirmed/`, which is the identity in force from that moment on;
 * its files are then put into the folder one by one, and it goes away. Whatever is cut off, and wherever, finds here what
 * has been done.
 */
const NEXT = "next";
const DONE = ".confirmed.old";
/** identity.json last, as everywhere. */
const FILES = ["key.pem", "cert.pem", "chain.pem", "root.pem", "bundle.json", "identity.json"] as const;
const OPTIONAL: ReadonlySet<string> = new Set(["root.pem", "bundle.json"]);

/** The key of a renewal that has begun, or a new one, which is on disk before anybody sees it. */
export function nextKey(dir: string, make: () => KeyObject): KeyObject {
  const file = join(dir, NEXT, "key.pem");
  if (existsSync(file)) return createPrivateKey(readFileSync(file, "utf8"));
  const key = make();
  rmSync(join(dir, NEXT), { recursive: true, force: true });
  writeNewFolder(join(dir, NEXT), { "key.pem": { content: keyPem(key), mode: 0o600 } });
  return key;
}

/** A certificate that came back: it is on disk before it is confirmed. */
export function keepNext(dir: string, identity: EnrolledIdentity): void {
  const next = join(dir, NEXT);
  replaceCertificate(next, identity);
  describe(next, identity);
}

/** The renewed identity that waits for its confirmation; undefined where none came back yet. */
export function loadNext(dir: string): LoadedIdentity | undefined {
  const next = join(dir, NEXT);
  return existsSync(join(next, "identity.json")) ? loadFrom(next) : undefined;
}

/** What was never confirmed, key and all. */
export function discardNext(dir: string): void {
  rmSync(join(dir, NEXT), { recursive: true, force: true });
  syncFolder(dir);
}

/** The renewed identity was confirmed: from here on it is the one. */
export function acceptNext(dir: string, confirmed: EnrolledIdentity): void {
  describe(join(dir, NEXT), confirmed);
  renameSync(join(dir, NEXT), join(dir, CONFIRMED));
  syncFolder(dir);
  replaceFiles(dir);
}

/** Goes on where `acceptNext` was cut off; nothing where it was not. */
export function replaceFiles(dir: string): void {
  const confirmed = join(dir, CONFIRMED);
  if (inForce(dir) === confirmed) {
    for (const name of FILES) {
      // Folders of before hold no bundle, and a root of its own is needed only under a company's authority.
      if (OPTIONAL.has(name) && !existsSync(join(confirmed, name))) {
        if (name === "root.pem") rmSync(join(dir, name), { force: true });
        continue;
      }
      const content = readFileSync(join(confirmed, name), "utf8");
      replaceFile(dir, name, content, name === "key.pem" ? 0o600 : 0o644);
    }
    syncFolder(dir);
    // In one move: who reads finds it whole or not at all.
    renameSync(confirmed, join(dir, DONE));
  }
  rmSync(join(dir, DONE), { recursive: true, force: true });
}
