import { IdentityError } from "../errors.ts";
import { formatKey, parseRegistrationKey } from "../registration-key.ts";
import type { ClaimedEnrolment, Enrolment, EnrolmentRequest, KeyOptions } from "../types.ts";
import { freshRequest, type TestSite } from "./site.ts";

/** The address that enrolments in tests come from. */
export const SOURCE = "10.0.0.5";
export const operator: KeyOptions = { kind: "client", roles: ["Operator"] };

export async function enrol(
  site: TestSite,
  key: string,
  name: string,
  more: Partial<EnrolmentRequest> = {},
): Promise<Enrolment> {
  return await site.service.enrol({ key, csr: await freshRequest(), name, source: SOURCE, ...more });
}

/** What an enrolment must have come to here. */
export function claimed(enrolment: Enrolment): ClaimedEnrolment {
  if (enrolment.state !== "claimed") throw new Error(`expected a certificate, got ${enrolment.state}`);
  return enrolment;
}

/** Enrolled and confirmed. */
export async function enrolled(
  site: TestSite,
  name: string,
  options: KeyOptions = operator,
): Promise<ClaimedEnrolment> {
  const { key } = await site.service.keys.create(options);
  const result = claimed(await enrol(site, key, name));
  await site.service.confirm(result.fingerprint);
  return result;
}

export async function refusalOf(promise: Promise<unknown>): Promise<IdentityError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof IdentityError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** Another secret under the same id, with a checksum that fits. */
export function wrongSecret(key: string): string {
  const { id, secret } = parseRegistrationKey(key);
  return formatKey({ id, secret: secret.startsWith("0") ? `1${secret.slice(1)}` : `0${secret.slice(1)}` });
}

/** A well-formed key that nobody issued. */
export const UNKNOWN: string = formatKey({ id: "00000000", secret: "0".repeat(32) });
