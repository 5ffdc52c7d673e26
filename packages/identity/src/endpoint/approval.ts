import { approverOf, json, parse, type Routes } from "./route.ts";
import { approvalBody } from "./wire.ts";

/** Yes and no to what waits for approval, each by a person who is known by their own certificate. */
export const approvalRoutes: Routes = {
  "/v1/approve": {
    method: "POST",
    async handler(service, request) {
      const { id } = parse(request, approvalBody);
      return json(200, await service.identities.approve(id, approverOf(request)));
    },
  },
  "/v1/deny": {
    method: "POST",
    async handler(service, request) {
      const { id } = parse(request, approvalBody);
      return json(200, await service.identities.deny(id, approverOf(request)));
    },
  },
};
