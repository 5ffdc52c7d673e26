import { enrolmentAnswer } from "../endpoint/wire.ts";
import { canonicalKey } from "../keys/canonical.ts";
import type { Enrolment } from "../types.ts";
import { connectTo, type EnrolOptions, requestBody } from "./enrol.ts";
import { post } from "./post.ts";

/**
 * Enrols a device whose key pair stays in it: its signing request is taken along, and what comes back is the bundle to
 * take there. Shown an installer's certificate, the site waits a day for the confirmation. The same again leads to the
 * same certificate. Errors as `enrolWith`
 */
export async function enrolFor(
  options: Omit<EnrolOptions, "keep"> & {
    /** PKCS #10, PEM. */
    readonly csr: string;
  },
): Promise<Enrolment> {
  const key = canonicalKey(options.key);
  const connection = await connectTo(options.url, options.pin, options.timeoutMs);
  const { installer } = options;
  const asked = installer === undefined ? connection : { ...connection, identity: installer };
  const body = requestBody({ ...options, key }, new Date());
  // The clock that counts is the device's, and nobody here knows it.
  const { deviceTime: _, ...carried } = body;
  return await post(asked, "/v1/enrol", { ...carried, ...(installer ? { carried: true } : {}) }, enrolmentAnswer);
}
