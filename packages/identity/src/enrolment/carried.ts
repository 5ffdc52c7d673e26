import { enrolBody } from "../endpoint/wire.ts";
import { IdentityError } from "../errors.ts";
import type { EnrolmentRequest } from "../types.ts";

/** How long a certificate that crossed an air gap may be confirmed, unless the site says otherwise. */
const WITHIN_MS = 24 * 3_600_000;
const MOST_MS = 30 * WITHIN_MS;

/** An enrolment as a file: the same JSON that goes to POST /v1/enrol. Error: ERR_ENROLMENT_REQUEST */
export function carriedRequest(text: string, confirmWithinMs: number = WITHIN_MS): EnrolmentRequest {
  const parsed = enrolBody.safeParse(jsonIn(text));
  // The path only: a message of the schema could repeat what was sent.
  if (!parsed.success) {
    throw wrong(`the request is not of the right form at ${parsed.error.issues[0]?.path.join(".") ?? ""}`);
  }
  if (confirmWithinMs < 60_000 || confirmWithinMs > MOST_MS)
    throw wrong("a confirmation is waited for 1 minute to 30 days");
  const { role, serial, device, deviceTime, carried: _, ...needed } = parsed.data;
  return {
    ...needed,
    ...(role === undefined ? {} : { role }),
    ...(serial === undefined ? {} : { serial }),
    ...(device === undefined ? {} : { device }),
    ...(deviceTime === undefined ? {} : { deviceTime }),
    ...{ source: "air-gap", method: "air-gap", confirmWithinMs },
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What could not be read may hold the key: it is not repeated.
    throw wrong("the request is no JSON");
  }
}

function wrong(message: string): IdentityError {
  return new IdentityError("ERR_ENROLMENT_REQUEST", message);
}
