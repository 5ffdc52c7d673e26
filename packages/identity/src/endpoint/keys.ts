import { json, parse, type Routes } from "./route.ts";
import { presentedKeyBody } from "./wire.ts";

/**
 * What is asked about a key by whoever holds it. Both take the key in the body: what stands in an address is kept in the
 * logs of every proxy on the way.
 */
export const keyRoutes: Routes = {
  "/v1/keys/report-leak": {
    method: "POST",
    async handler(service, request) {
      const { key, serial } = parse(request, presentedKeyBody);
      const of = serial === undefined ? {} : { serial };
      await service.keys.reportLeak({ key, ...of, source: request.source });
      // One answer to every key: this is no place to try them.
      return json(202, { received: true });
    },
  },
  "/v1/authentic": {
    method: "POST",
    async handler(service, request) {
      const { key, serial } = parse(request, presentedKeyBody);
      const of = serial === undefined ? {} : { serial };
      return json(200, await service.keys.authenticity({ key, ...of, source: request.source }));
    },
  },
};
