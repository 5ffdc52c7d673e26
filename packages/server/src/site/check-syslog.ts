import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { SourceDocument } from "@modwarden/document";
import { messageOf } from "../threads/thread-error.ts";
import type { SiteFile } from "./schema.ts";
import type { SyslogReceiver } from "./schema-syslog.ts";

const GROUP_AND_OTHERS = 0o077;

/** Throws `DocumentError` for files of receivers of syslog that are not what they should be. */
export function checkSyslog(document: SourceDocument<SiteFile>, base: string): void {
  const { syslog, witness } = document.value.audit;
  checkReceiver(document, ["audit", "syslog"], base, syslog);
  for (const [index, { syslog: receiver }] of witness.entries()) {
    checkReceiver(document, ["audit", "witness", index, "syslog"], base, receiver);
  }
}

function checkReceiver(
  document: SourceDocument<SiteFile>,
  path: readonly PropertyKey[],
  base: string,
  receiver: SyslogReceiver | undefined,
): void {
  if (receiver === undefined) return;
  checkCertificate(document, [...path, "authority"], resolve(base, receiver.authority));
  if (receiver.identity === undefined) return;
  const own = [...path, "identity"];
  checkCertificate(document, [...own, "certificate"], resolve(base, receiver.identity.certificate));
  const key = resolve(base, receiver.identity.key);
  if ((readable(document, [...own, "key"], key, () => statSync(key)).mode & GROUP_AND_OTHERS) !== 0) {
    document.fail([...own, "key"], `${key} can be read by others: chmod 600 ${key}`);
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
