import type { RefusalReason } from "../events.ts";
import { parseList } from "../registry/columns.ts";
import type { IdentityRow, KeyRow } from "../registry/schema.ts";
import type { RefusalListing } from "../types/refusals.ts";

/** What is known about one refusal; key and identity as they are now. */
export interface Circumstances {
  readonly refusal: RefusalListing;
  readonly key: KeyRow | undefined;
  readonly identity: IdentityRow | undefined;
  /** The serial numbers it is bound to, some of them. */
  readonly serials: readonly string[];
  /** The names that have enrolled with the key. */
  readonly enrolled: readonly string[];
}

export interface Explanation {
  readonly what: string;
  readonly next: string;
}

type Explain = (circumstances: Circumstances) => Explanation;

const SHOWN = 5;

/** Why each refusal happens, in the administrator's words, and the next step. docs/refusals/ has a page for each. */
export const REASONS: Readonly<Record<RefusalReason, Explain>> = {
  malformed: () => ({
    what: "what was sent is no registration key: a typo, a cut-off text, or something else altogether",
    next: "have the key copied again from where it was issued; its checksum is tested before our own client sends anything, so look at the program that sent it",
  }),
  unknown: ({ refusal }) =>
    refusal.fingerprint !== null
      ? {
          what: "the certificate that was shown is none that this registry has issued",
          next: "it is another site's, or this registry was restored from an older copy: enrol with a new key",
        }
      : {
          what: `no registration key of this site has the id ${textOf(refusal.said["keyId"])}`,
          next: "the key is another site's, or this registry was restored from an older copy: compare with `modwarden key list`, and make a new key where it belongs",
        },
  "wrong-secret": ({ refusal }) => ({
    what: `key ${refusal.key} exists, and its secret is another one`,
    next: `once: have the key copied again. Often, or from several addresses: somebody guesses; \`modwarden key revoke ${refusal.key}\` if in doubt`,
  }),
  expired: ({ refusal, key }) =>
    refusal.fingerprint !== null
      ? {
          what: `the certificate of ${textOf(refusal.name, "this identity")} had ended`,
          next: "at the device: `modwarden recover DIR`; an EST client recovers by simplereenroll",
        }
      : {
          what: `the key was right and had expired${key === undefined ? "" : ` at ${iso(key.expires)}`}`,
          next: `make a new one: ${createLike(key, "--expires 7d")}`,
        },
  "used-up": ({ key, enrolled }) => ({
    what: `the key was right and all its uses were taken${key === undefined ? "" : ` (${key.used} of ${key.uses})`}${enrolled.length === 0 ? "" : `, by ${some(enrolled)}`}`,
    next: `if that enrolment is not wanted: \`modwarden identity retire ${enrolled.length === 1 ? enrolled[0] : "ID"}\`; then make a new key: ${createLike(key)}`,
  }),
  revoked: ({ refusal, key, identity }) =>
    refusal.fingerprint !== null
      ? {
          what: `the certificate that was shown is revoked${identity === undefined ? "" : `; "${identity.id}" is ${identity.state}`}`,
          next: `if it was meant: nothing. Else \`modwarden identity retire ${refusal.name ?? "ID"}\` and enrol it anew with a new key`,
        }
      : {
          what: `the key was right and is revoked${key?.revoked_reason == null ? "" : ` (${key.revoked_reason})`}${key?.revoked == null ? "" : `, since ${iso(key.revoked)}`}`,
          next: `find out why it was revoked (\`modwarden key show ${key?.id ?? "ID"}\`) before making a new one`,
        },
  serial: ({ refusal, serials }) => ({
    what: `the key is bound to ${serials.length === 0 ? "serial numbers" : some(serials)}; the request gave ${textOf(refusal.said["serial"], "no serial number")}`,
    next: "if the device is the right one: correct the serial number it gives (`enrol --serial`), or make a key for it with `modwarden key create … --serial S`",
  }),
  source: ({ refusal, key }) => ({
    what: `the key is bound to ${key === undefined ? "networks" : some(parseList(key.sources))}; the request came from ${refusal.source ?? "elsewhere"}`,
    next: "enrol from the right network, or make a key without or with the other network; behind a translating router the address seen here is the router's",
  }),
  unit: ({ refusal, key, identity }) => ({
    what: `unit ${plain(refusal.said["unit"], "(none was named)")} cannot be given${key?.unit == null ? "" : `: the key is for unit ${key.unit}`}${identity?.unit == null ? "" : `: "${identity.id}" has unit ${identity.unit}`}`,
    next: "see who has it with `modwarden identity list` and the site file; give the device its own unit, or retire the one that is gone",
  }),
  model: ({ refusal, key }) => ({
    what: `the key is for the model ${key?.model ?? "it names"}; the request gave ${textOf(refusal.said["model"], "no model")}`,
    next: "a device of another model needs a key of its own; where the model is only written otherwise, correct it at the device",
  }),
  name: ({ refusal, key }) => ({
    what: `the key is kept for the name "${key?.identity_id ?? "it was made for"}"; the request asked for ${textOf(refusal.name, "another")}`,
    next: `enrol under that name, or make a key for the other with \`modwarden key create … --name ${textOf(refusal.name, "NAME")}\``,
  }),
  clock: ({ refusal, key }) => ({
    what: clockWords(refusal, key),
    next: "set the wrong one of the two clocks (best by NTP), then enrol again with the same key",
  }),
  role: ({ refusal, key }) => ({
    what: `the key was good and allows ${key === undefined ? "other roles" : some(parseList(key.roles), "no role")}; the request asked for ${textOf(refusal.said["role"], "none of them by name")}`,
    next: "enrol again with a role of the key (`--role`), the key is not used up; or make a key whose ceiling allows it",
  }),
  csr: ({ refusal }) => ({
    what: `the key was good and the certificate request was not: ${plain(refusal.said["problem"], "it could not be read")}`,
    next: "a request holds a key on P-256 or P-384, or RSA of 2048 to 4096 bits, signed with it; the registration key is not used up",
  }),
  authority: ({ refusal }) => ({
    what: `the company's authority has issued nothing that counts for ${textOf(refusal.name, "this identity")}: ${plain(refusal.said["problem"], "it did not say why")}`,
    next: "look at that authority, or have whoever runs it do so; nothing is lost, and the same request made again asks it again. To give up: `modwarden identity retire ID`",
  }),
  taken: ({ refusal, identity }) => ({
    what: `the key was good and ${plain(refusal.said["problem"], "the name or serial number is in use")}${identity === undefined ? "" : ` ("${identity.id}" is ${identity.state})`}`,
    next: `the same device again, or its replacement: \`modwarden identity retire ${refusal.name ?? "ID"}\` first. Another device: another name. Two with one serial number: one of them is a copy`,
  }),
  request: ({ refusal }) => ({
    what: `the key was good and the request was not: ${plain(refusal.said["problem"], "it is not of the right form")}`,
    next: "correct it and enrol again; the registration key is not used up",
  }),
  claim: ({ refusal, identity }) => ({
    what: `somebody asked for the certificate of ${textOf(refusal.name, "a pending identity")} without the right secret, or it waits for nothing any more${identity === undefined ? "" : ` (it is ${identity.state})`}`,
    next: "if the device lost its folder, or was denied: `modwarden identity retire ID` and enrol it anew with a new key",
  }),
  clone: ({ refusal }) => ({
    what: `two hold the identity ${textOf(refusal.name, "")}: a certificate came back that had been replaced, or the counts do not agree; it is locked`,
    next: `find both devices before anything else. Safe: \`modwarden identity retire ${refusal.name ?? "ID"}\` and enrol the right one with a new key`,
  }),
  "recovery-limit": ({ refusal, identity }) => ({
    what: `${textOf(refusal.name, "the identity")} has come back after its certificate's end ${identity === undefined ? "as often as it may" : `${identity.recoveries} times of ${identity.recovery_limit}`}`,
    next: `see why it misses its renewals (switched off, no network, no timer), then \`modwarden identity recoveries reset ${refusal.name ?? "ID"}\`, or enrol it anew`,
  }),
  suspended: ({ refusal, identity }) => ({
    what: `${textOf(refusal.name, "the identity")} is suspended: it is locked until somebody lets it in again`,
    next:
      identity?.state === "suspended" && identity.reason === "clone"
        ? `two hold it: find both devices, then \`modwarden identity retire ${identity.id}\` and enrol the right one with a new key (docs/renewal.md)`
        : `find out why (\`modwarden identity show ${refusal.name ?? "ID"}\`), then \`modwarden identity resume ${refusal.name ?? "ID"}\``,
  }),
  early: ({ refusal }) => ({
    what: `${textOf(refusal.name, "the identity")} asked for a renewal in the first half of its certificate's life`,
    next: "nothing is wrong: it may ask again later, or with `modwarden renew DIR --now`; if it asks often, look at the timer that starts it",
  }),
  "not-confirmed": ({ refusal }) => ({
    what: `the certificate of ${textOf(refusal.name, "this identity")} was shown too late or never was its own: it was not confirmed in time`,
    next: "enrol again with the same key: its use was given back; if it happens again look at the device's clock and the way back to the endpoint",
  }),
  installer: ({ refusal }) => ({
    what: `the key was good, and ${plain(refusal.said["problem"], "nobody who may install stood behind the request")}`,
    next: "have it enrolled by somebody whose role stands under enrolment.installers of the site file: `modwarden enrol URL --for DEVICE --identity DIR`; the key is not used up",
  }),
  approver: ({ refusal }) => ({
    what: `somebody who may not tried to approve or deny an enrolment${refusal.name === null ? ", with a certificate that is not an active identity's" : `: "${refusal.name}"`}`,
    next: "whoever may approve has a role that stands under enrolment.approvers of the site file; if nobody of yours tried, look at who holds that certificate",
  }),
  throttled: ({ refusal }) => ({
    what: `${refusal.source ?? "the source"} was refused too often in a short time and is not looked at for a while; recorded once a spell`,
    next: "find the refusals before this one (`modwarden identity refusals`) and cure their reason; it may ask again within a minute",
  }),
};

function clockWords(refusal: RefusalListing, key: KeyRow | undefined): string {
  const { clockOffSeconds, problem } = refusal.said;
  if (problem !== undefined) return String(problem);
  const off = clockOffSeconds === undefined ? "" : `; the device's clock is ${clockOffSeconds} s off`;
  if (key !== undefined)
    return `the key opens nothing before ${iso(key.not_before)}, and it was used at ${refusal.time}${off}`;
  return `the clocks do not agree${off}`;
}

function some(list: readonly string[], none = "nothing"): string {
  if (list.length === 0) return none;
  const rest = list.length - SHOWN;
  return `${list.slice(0, SHOWN).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function createLike(key: KeyRow | undefined, more = ""): string {
  const roles = key === undefined ? ["R"] : parseList(key.roles);
  const parts = [
    "modwarden key create --kind",
    key?.kind ?? "client",
    ...roles.map((role) => `--role ${quoted(role)}`),
    more,
  ];
  return `\`${parts.filter((part) => part !== "").join(" ")}\``;
}

function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function textOf(value: string | number | null | undefined, none = "unknown"): string {
  return value === undefined || value === null || value === "" ? none : `"${value}"`;
}

function plain(value: string | number | undefined, none: string): string {
  return value === undefined ? none : String(value);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
