import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { SourceDocument } from "@modwarden/document";
import { messageOf } from "../threads/thread-error.ts";
import type { SiteFile } from "./schema.ts";

const GROUP_AND_OTHERS = 0o077;

/** Throws `DocumentError` for files of the syslog receiver that are not what they should be. */
export function checkSyslog(document: SourceDocument<SiteFile>, base: string): void {
  const { syslog } = document.value.audit;
  if (syslog === undefined) return;
  checkCertificate(document, ["audit", "syslog", "authority"], resolve(base, syslog.authority));
  if (syslog.identity === undefined) return;
  const path = ["audit", "syslog", "identity"] as const;
  checkCertificate(document, [...path, "certificate"], resolve(base, syslog.identity.certificate));
  const key = resolve(base, syslog.identity.key);
  if ((readable(document, [...path, "key"], key, () => statSync(key)).mode & GROUP_AND_OTHERS) !== 0) {
    document.fail([...path, "key"], `${key} can be read by others: chmod 600 ${key}`);
  }
}

function checkCertificate(document: SourceDocument<SiteFile>, path: readonly PropertyKey[], file: string): void {
  const text = readable(document, path, file, () => readFileSync(file));
  try {
    new X509Certificate(text);
  } catch {
    document.fail(path, `${file} holds no certificate in PEM`);
  }
}

function readable<Value>(
  document: SourceDocument<SiteFile>,
  path: readonly PropertyKey[],
  file: string,
  action: () => Value,
): Value {
  try {
    return action();
  } catch (error) {
    return document.fail(path, `cannot read ${file}: ${messageOf(error)}`);
  }
}
