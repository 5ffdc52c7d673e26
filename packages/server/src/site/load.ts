import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readDocument, type SourceDocument } from "@modwarden/document";
import {
  BadNetworkError,
  checkNetwork,
  createSourceTable,
  type DeviceConfiguration,
  type FingerprintPlan,
  type ListenerConfiguration,
} from "@modwarden/gateway";
import { type ModbusUrl, parseModbusUrl } from "@modwarden/modbus";
import { builtinProfileNames, builtinProfileText, type Profile, readProfile } from "@modwarden/profile";
import { ConsoleError, parseConsoleListen } from "../http/index.ts";
import { checkSyslog } from "./check-syslog.ts";
import { checkWitnesses } from "./check-witnesses.ts";
import { SiteError } from "./error.ts";
import { type SiteFile, siteSchema } from "./schema.ts";
import { everyMs, type FingerprintSection } from "./schema-fingerprint.ts";

/** A site file with everything it names but its policy: read, checked, and ready to run. */
export interface Site {
  readonly file: string;
  readonly value: SiteFile;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly listeners: readonly ListenerConfiguration[];
  readonly devices: readonly DeviceConfiguration[];
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Absolute path of the policy file; which policy is in force is a matter of its versions. */
  readonly policyFile: string;
  /** The text of that file. Throws `DocumentError` at the place where the site names it. */
  readonly readPolicyFile: () => string;
  /** Throws `DocumentError` where the site names a role for enrolment that is not among the `roles` of a policy. */
  readonly requireRoles: (roles: readonly string[]) => void;
  /** Throws `DocumentError` where the site names files for its receiver of syslog that cannot be used. */
  readonly requireReceiver: () => void;
}

/** Reads site.yaml and everything it names but the policy. Throws `DocumentError` (file:line:column) or `SiteError`. */
export function readSite(file: string): Site {
  const document = readDocument(readText(file), file, siteSchema);
  const { value } = document;
  const base = dirname(resolve(file));
  const profiles = new Map<string, Profile>();
  const devices = value.gateway.devices.map((device, index) => {
    const path = ["gateway", "devices", index] as const;
    const at = modbusUrl(document, [...path, "at"], device.at);
    if (at.scheme !== "tcp" && at.scheme !== "tls") {
      document.fail(
        [...path, "at"],
        `modbus+${at.scheme} devices are part of the format, but this version reaches devices over modbus+tcp and modbus+tls only`,
      );
    }
    const source = device.profile === undefined ? undefined : profileSource(document, index, base, device.profile);
    if (source !== undefined) profiles.set(device.id, readProfile(source.text, source.file));
    const configured: DeviceConfiguration = {
      id: device.id,
      unit: device.unit,
      ...(at.scheme === "tls" ? { transport: at.scheme } : {}),
      host: at.host,
      port: at.port,
      deviceUnit: at.unit ?? device.unit,
      outstanding: device.depth,
      timeoutMs: device.timeoutMs,
      ...(source === undefined ? {} : { profile: source }),
      ...(device.fingerprint === undefined ? {} : { fingerprint: planOf(device.fingerprint) }),
    };
    return configured;
  });
  checkUnique(document, devices);
  const listeners = value.gateway.listen.map((_, index) => readListener(document, index, devices));
  checkEndpoints(document);
  checkWitnesses(document, base);
  const policyFile = resolve(base, value.policy);
  return {
    file: resolve(file),
    value,
    data: resolve(base, value.data),
    listeners,
    devices,
    profiles,
    policyFile,
    readPolicyFile: () => readNamed(document, ["policy"], policyFile),
    requireRoles: (roles) => checkEnrolmentRoles(document, roles),
    requireReceiver: () => checkSyslog(document, base),
  };
}

function planOf({ objects, serverId, registers, every }: FingerprintSection): FingerprintPlan {
  return { objects, serverId, registers, everyMs: everyMs(every) };
}

function readListener(
  document: SourceDocument<SiteFile>,
  index: number,
  devices: readonly DeviceConfiguration[],
): ListenerConfiguration {
  const path = ["gateway", "listen", index] as const;
  const written = document.value.gateway.listen[index];
  if (written === undefined) throw new RangeError("no such listener");
  const url = modbusUrl(document, [...path, "url"], written.url);
  const { scheme } = url;
  if (scheme !== "tcp" && scheme !== "tls") {
    return document.fail(
      [...path, "url"],
      `modbus+${scheme} listeners are part of the format, but this version listens on modbus+tcp and modbus+tls only`,
    );
  }
  const sources = Object.entries(written.sources ?? {}).map(([network, subject]) => ({ network, subject }));
  if (scheme === "tls" && sources.length > 0) {
    document.fail(
      [...path, "sources"],
      "a TLS listener takes the subject from the client's certificate: sources belong to plain listeners",
    );
  }
  if (scheme === "tcp" && sources.length === 0) {
    document.fail([...path], "a plain listener needs `sources` (address: identity): any other client is closed");
  }
  for (const [at, { network }] of sources.entries()) {
    try {
      checkNetwork(network);
      createSourceTable(sources.slice(0, at + 1));
    } catch (error) {
      if (!(error instanceof BadNetworkError)) throw error;
      document.fail([...path, "sources", network], error.message);
    }
  }
  for (const [at, id] of (written.devices ?? []).entries()) {
    if (!devices.some((device) => device.id === id)) {
      document.fail([...path, "devices", at], `no device "${id}" in gateway.devices`);
    }
  }
  const reached = written.devices ?? devices.map((device) => device.id);
  const units = new Map<number, string>();
  for (const id of reached) {
    const device = devices.find((candidate) => candidate.id === id);
    if (device === undefined) continue;
    const other = units.get(device.unit);
    if (other !== undefined) {
      document.fail(
        [...path],
        `unit ${device.unit} would mean both "${other}" and "${id}" here: name the devices of this listener with \`devices\``,
      );
    }
    units.set(device.unit, id);
  }
  return { url: written.url, transport: scheme, host: url.host, port: url.port, sources, devices: reached };
}

/** Until the console has accounts it is for this machine alone; enrolment is HTTPS. */
function checkEndpoints(document: SourceDocument<SiteFile>): void {
  const { console: consoleAt, enrolment } = document.value;
  if (consoleAt !== undefined) {
    try {
      parseConsoleListen(consoleAt.listen);
    } catch (error) {
      if (!(error instanceof ConsoleError)) throw error;
      document.fail(["console", "listen"], error.message);
    }
  }
  if (enrolment === undefined) return;
  const url = URL.canParse(enrolment.listen) ? new URL(enrolment.listen) : undefined;
  if (url?.protocol !== "https:" || url.pathname !== "/") {
    document.fail(["enrolment", "listen"], `"${enrolment.listen}" is not of the form https://0.0.0.0:8443`);
  }
}

/** A role that no policy names is nobody's: what is asked of its holders would wait for ever. */
function checkEnrolmentRoles(document: SourceDocument<SiteFile>, roles: readonly string[]): void {
  for (const list of ["approvers", "installers"] as const) {
    for (const [at, role] of (document.value.enrolment?.[list] ?? []).entries()) {
      if (roles.includes(role)) continue;
      document.fail(["enrolment", list, at], `the policy has no role "${role}": it has ${roles.join(", ")}`);
    }
  }
}

function checkUnique(document: SourceDocument<SiteFile>, devices: readonly DeviceConfiguration[]): void {
  const seen = new Set<string>();
  for (const [index, { id, unit }] of devices.entries()) {
    if (id === document.value.gateway.id) {
      document.fail(["gateway", "devices", index, "id"], `"${id}" is the id of the gateway itself`);
    }
    if (seen.has(id)) document.fail(["gateway", "devices", index, "id"], `a second device "${id}"`);
    if (unit > 247 && unit < 255) document.fail(["gateway", "devices", index, "unit"], "units 248 to 254 are reserved");
    seen.add(id);
  }
  checkBuses(document, devices);
}

/** Two names for one thing would be judged by two rules, and the second would be a way around the first. */
function checkBuses(document: SourceDocument<SiteFile>, devices: readonly DeviceConfiguration[]): void {
  const there = new Map<string, string>();
  for (const [index, { id, host, port, deviceUnit }] of devices.entries()) {
    const place = `${host.toLowerCase()}:${port} unit ${deviceUnit}`;
    const other = there.get(place);
    if (other !== undefined) {
      document.fail(
        ["gateway", "devices", index, "at"],
        `"${id}" and "${other}" are both at ${place}: one device has one id`,
      );
    }
    there.set(place, id);
  }
}

function profileSource(
  document: SourceDocument<SiteFile>,
  index: number,
  base: string,
  name: string,
): { readonly text: string; readonly file: string } {
  if (builtinProfileNames.includes(name)) return { text: builtinProfileText(name), file: `${name}.yaml` };
  const path = ["gateway", "devices", index, "profile"] as const;
  if (!/[./\\]/.test(name)) {
    document.fail(
      path,
      `no built-in profile "${name}" (there are ${builtinProfileNames.join(", ")}); a file is written with its path, ./${name}.yaml`,
    );
  }
  const file = resolve(base, name);
  return { text: readNamed(document, path, file), file };
}

function modbusUrl(document: SourceDocument<SiteFile>, path: readonly PropertyKey[], text: string): ModbusUrl {
  try {
    return parseModbusUrl(text);
  } catch (error) {
    return document.fail(path, error instanceof Error ? error.message : String(error));
  }
}

function readNamed(document: SourceDocument<SiteFile>, path: readonly PropertyKey[], file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return document.fail(path, `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SiteError(
      "ERR_SITE_FILE",
      `cannot read ${file}: write one with \`modwarden init\`, or name it with --site`,
      { cause: error },
    );
  }
}
