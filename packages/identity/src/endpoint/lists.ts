import { problem, type Route, type Routes } from "./route.ts";

/** What peers that are not of this site check its certificates with. RFC 5280 § 4.2.1.13, RFC 2585 § 4.2 */
function list(of: "root" | "issuing", form: "der" | "pem"): Route {
  return {
    method: "GET",
    handler(service) {
      const found = service.authority.list(of);
      if (found === undefined) {
        const message = "this authority's revocation list is kept elsewhere";
        return Promise.resolve(problem(404, "ERR_ENROLMENT_REQUEST", message));
      }
      return Promise.resolve(
        form === "der"
          ? { status: 200, contentType: "application/pkix-crl", body: "", bytes: found.der }
          : { status: 200, contentType: "application/x-pem-file", body: found.pem },
      );
    },
  };
}

export const listRoutes: Routes = {
  "/v1/crl/root": list("root", "der"),
  "/v1/crl/root.pem": list("root", "pem"),
  "/v1/crl/issuing": list("issuing", "der"),
  "/v1/crl/issuing.pem": list("issuing", "pem"),
};
