import { ModbusError } from "@modwarden/protocol";

/**
 * The suites that may be spoken, by their IANA names, with OpenSSL's: authenticated encryption with SHA-256 or SHA-384,
 * forward secrecy, certificates on both sides. Nothing with MD5, SHA-1, CBC, PSK or without authentication is here, so
 * that no option can bring it back. MB-TCP-Security v36
 */
const openSslNames = {
  TLS_AES_128_GCM_SHA256: "TLS_AES_128_GCM_SHA256",
  TLS_AES_256_GCM_SHA384: "TLS_AES_256_GCM_SHA384",
  TLS_CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
  TLS_AES_128_CCM_SHA256: "TLS_AES_128_CCM_SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: "ECDHE-ECDSA-AES128-CCM8",
} as const;

/** The IANA name of a suite that client and server can be told to speak. */
export type TlsSuite = keyof typeof openSslNames;

/** Every suite that client and server can be told to speak. */
export const tlsSuites: readonly TlsSuite[] = Object.keys(openSslNames) as TlsSuite[];

/**
 * What is offered and taken unless `suites` says otherwise, in this order. The two suites with AES_128_GCM for TLS 1.2
 * are the mandatory ones. MB-TCP-Security v36
 */
export const defaultSuites: readonly TlsSuite[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/**
 * The suites of Secure SunSpec Modbus 1.0, for `suites`. They need P-256 certificates. The last two are for devices
 * that have nothing better: OpenSSL rates the short tag of AES_128_CCM_8 below its security level 1.
 */
export const sunSpecSuites: readonly TlsSuite[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_CCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
];

/** What a suite without encryption is called. MB-TCP-Security v36 R-67 */
const nullSuite = "NULL-SHA256";

/** The part of OpenSSL's settings that the suites decide. */
export interface SuiteSettings {
  readonly ciphers: string;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
}

/** Throws `ERR_MODBUS_BAD_VALUE` for a list with a suite that is not spoken, or with none. */
export function suiteSettings(
  suites: readonly TlsSuite[] = defaultSuites,
  insecureNullEncryption = false,
): SuiteSettings {
  const names = suites.map(openSslName);
  if (names.length === 0) throw new ModbusError("ERR_MODBUS_BAD_VALUE", "suites has to name at least one");
  const newest = names.some(isTls13);
  // a suite without encryption comes last, whatever else is offered.
  const older = [...names.filter((name) => !isTls13(name)), ...(insecureNullEncryption ? [nullSuite] : [])];
  const lowered = insecureNullEncryption || suites.includes("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
  return {
    ciphers: [...names.filter(isTls13), ...older, ...(lowered ? ["@SECLEVEL=0"] : [])].join(":"),
    // Node keeps its own suites for a version that the list has none for.
    minVersion: older.length > 0 ? "TLSv1.2" : "TLSv1.3",
    maxVersion: newest ? "TLSv1.3" : "TLSv1.2",
  };
}

function openSslName(suite: TlsSuite): string {
  if (Object.hasOwn(openSslNames, suite)) return openSslNames[suite];
  throw new ModbusError(
    "ERR_MODBUS_BAD_VALUE",
    `"${suite}" is none of the suites that are spoken: ${tlsSuites.join(", ")}`,
  );
}

function isTls13(name: string): boolean {
  return name.startsWith("TLS_");
}
