import { CliError, type ExitCode } from "./error.ts";

/**
 * 1 failed · 2 wrong usage or file · 3 the device answered with an exception · 4 unreachable or timed out ·
 * 5 refused at the door. A code that is not listed is 1.
 */
const exitCodes: Readonly<Record<string, ExitCode>> = {
  ERR_MODBUS_EXCEPTION: 3,
  ERR_MODBUS_TIMEOUT: 4,
  ERR_MODBUS_NO_CONNECTION: 4,
  ERR_MODBUS_CLOSED: 4,
  ERR_MODBUS_REFUSED: 5,
  ERR_MODBUS_BAD_URL: 2,
  ERR_MODBUS_BAD_VALUE: 2,
  ERR_MODBUS_BAD_REQUEST: 2,
  ERR_DOCUMENT: 2,
  ERR_POLICY_QUESTION: 2,
  ERR_APPROVAL_QUESTION: 2,
  ERR_APPROVAL_OWN: 5,
  ERR_APPROVAL_TWICE: 5,
  ERR_APPROVAL_ROLE: 5,
  ERR_APPROVAL_IDENTITY: 5,
  ERR_APPROVAL_REFUSED: 5,
  ERR_APPROVAL_THROTTLED: 5,
  ERR_AUDIT_HOLDS: 2,
  ERR_AUDIT_NO_LOG: 2,
  ERR_AUDIT_INDEX_PLACE: 2,
  ERR_AUDIT_QUESTION: 2,
  ERR_AUDIT_NO_SEGMENT: 2,
  ERR_AUDIT_WITNESS: 2,
  ERR_AUDIT_NO_RECORD: 2,
  ERR_AUDIT_NO_CHECKPOINT: 2,
  ERR_AUDIT_LATER_EPOCH: 2,
  ERR_AUDIT_KEY: 2,
  ERR_CAPTURE_FORMAT: 2,
  ERR_SITE_FILE: 2,
  ERR_POLICY_VERSION_UNKNOWN: 2,
  ERR_CONTROL_PARAMETERS: 2,
  ERR_ROLE_UNKNOWN: 2,
  ERR_KEY_MALFORMED: 2,
  ERR_KEY_OPTIONS: 2,
  ERR_KEY_REUSABLE: 2,
  ERR_KEY_FILE: 2,
  ERR_IDENTITY_INVALID: 2,
  ERR_IDENTITY_EXISTS: 2,
  ERR_IDENTITY_MISSING: 2,
  ERR_IDENTITY_DAMAGED: 2,
  ERR_AUTHORITY_IMPORT: 2,
  ERR_AUTHORITY_KEY: 2,
  ERR_AUTHORITY_PASSPHRASE: 2,
  ERR_SITE_AUTHORITY: 2,
  ERR_ENROLMENT_REQUEST: 2,
  ERR_ENROLMENT_UNREACHABLE: 4,
  ERR_AUTHORITY_AWAY: 4,
  ERR_ENROLMENT_CSR_CONTENT: 5,
  ERR_ENROLMENT_REFUSED: 5,
  ERR_ENROLMENT_THROTTLED: 5,
  ERR_ENROLMENT_ROLE: 5,
  ERR_ENROLMENT_TAKEN: 5,
  ERR_ENROLMENT_UNIT: 5,
  ERR_ENROLMENT_INSTALLER: 5,
  ERR_ENROLMENT_APPROVER: 5,
  ERR_ENROLMENT_CLOCK: 5,
  ERR_BUNDLE_INVALID: 5,
  ERR_ENROLMENT_CONFIRM: 5,
  ERR_RENEWAL_ENDED: 5,
  ERR_ENROLMENT_PIN: 5,
  ERR_ENROLMENT_SERVER: 5,
};

/** What the process ends with after this error. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CliError ? error.exitCode : (exitCodes[codeOf(error)] ?? 1);
}

/**
 * The stable code of an error; ERR_INTERNAL for one that has none and should not have come this far. What the
 * operating system refuses (EACCES, ENOSPC) is ERR_SYSTEM, but for an address that is taken: that one a person can help.
 */
export function codeOf(error: unknown): string {
  if (takenAddress(error) !== undefined) return "ERR_ADDRESS_TAKEN";
  const code = ownCode(error);
  if (code === undefined) return "ERR_INTERNAL";
  return code.startsWith("ERR_") ? code : "ERR_SYSTEM";
}

/** `host:port`, or the path of a Unix socket, when this error, or what caused it, is that somebody else listens there. */
export function takenAddress(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (ownCode(cause) !== "EADDRINUSE") continue;
    const { address, port } = cause as { readonly address?: string; readonly port?: number };
    // A Unix socket has a path and no port.
    return `${address ?? "the address"}${port === undefined || port < 0 ? "" : `:${port}`}`;
  }
  return undefined;
}

function ownCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
