import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError } from "../errors.ts";
import type { EnrolmentRequest } from "../types.ts";
import { type EndpointRequest, json, parse, type Routes, signed } from "./route.ts";
import { claimBody, type EnrolBody, enrolBody } from "./wire.ts";

/** What is carried to its device, by an installer or across an air gap, may be confirmed for a day. */
const CARRIED_MS: number = 24 * 3_600_000;

/** From a registration key to an active identity. */
export const enrolmentRoutes: Routes = {
  "/v1/enrol": {
    method: "POST",
    async handler(service, request) {
      const enrolment = await service.enrol(enrolmentOf(parse(request, enrolBody), request));
      return enrolment.state === "pending" ? json(202, enrolment) : signed(enrolment);
    },
  },
  "/v1/claim": {
    method: "POST",
    async handler(service, request) {
      const enrolment = await service.claim({ ...parse(request, claimBody), source: request.source });
      return enrolment.state === "pending" ? json(202, enrolment) : signed(enrolment);
    },
  },
  "/v1/confirm": {
    method: "POST",
    async handler(service, request) {
      if (request.clientCertificate === undefined) {
        throw new IdentityError("ERR_ENROLMENT_CONFIRM", "confirm over a connection that shows the new certificate");
      }
      return json(200, await service.confirm(fingerprintOf(request.clientCertificate), request.source));
    },
  },
  "/v1/ca": {
    method: "GET",
    handler: (service) =>
      Promise.resolve({ status: 200, contentType: "application/x-pem-file", body: service.chain } as const),
  },
};

/** A certificate that is shown is an installer's: whoever enrols for themselves has none yet. */
function enrolmentOf(body: EnrolBody, request: EndpointRequest): EnrolmentRequest {
  const { role, serial, device, deviceTime, carried, ...needed } = body;
  const presented = request.clientCertificate;
  return {
    ...needed,
    ...(role === undefined ? {} : { role }),
    ...(serial === undefined ? {} : { serial }),
    ...(device === undefined ? {} : { device }),
    ...(deviceTime === undefined ? {} : { deviceTime }),
    ...(presented === undefined ? {} : { presented: fingerprintOf(presented) }),
    ...(presented === undefined || carried === undefined ? {} : { confirmWithinMs: CARRIED_MS }),
    source: request.source,
  };
}
