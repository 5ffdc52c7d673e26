import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError } from "../errors.ts";
import type { RenewalRequest } from "../types.ts";
import { type EndpointRequest, parse, type Routes, signed } from "./route.ts";
import { renewalBody } from "./wire.ts";

/** A certificate in place of one that ends, for whoever shows it. */
export const renewalRoutes: Routes = {
  "/v1/renew": {
    method: "POST",
    handler: async (service, request) => signed(await service.renew(asked(request))),
  },
  "/v1/recover": {
    method: "POST",
    handler: async (service, request) => signed(await service.recover(asked(request))),
  },
};

function asked(request: EndpointRequest): RenewalRequest {
  const { csr, counter, force } = parse(request, renewalBody);
  if (request.clientCertificate === undefined) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", "ask over a connection that shows the certificate in question");
  }
  return {
    fingerprint: fingerprintOf(request.clientCertificate),
    csr,
    ...(counter === undefined ? {} : { counter }),
    ...(force === undefined ? {} : { force }),
    source: request.source,
  };
}
