import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError } from "../errors.ts";
import { json, parse, type Routes } from "./route.ts";
import { claimBody, enrolBody } from "./wire.ts";

/** From a registration key to an active identity. */
export const enrolmentRoutes: Routes = {
  "/v1/enrol": {
    method: "POST",
    async handler(service, request) {
      const { role, serial, deviceTime, ...body } = parse(request, enrolBody);
      const enrolment = await service.enrol({
        ...body,
        ...(role === undefined ? {} : { role }),
        ...(serial === undefined ? {} : { serial }),
        ...(deviceTime === undefined ? {} : { deviceTime }),
        source: request.source,
      });
      return json(enrolment.state === "pending" ? 202 : 200, enrolment);
    },
  },
  "/v1/claim": {
    method: "POST",
    async handler(service, request) {
      const enrolment = await service.claim({ ...parse(request, claimBody), source: request.source });
      return json(enrolment.state === "pending" ? 202 : 200, enrolment);
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
