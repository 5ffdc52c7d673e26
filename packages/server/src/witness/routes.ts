import {
  approverOf,
  type EndpointRequest,
  type EndpointRoutes,
  endpointAnswer,
  type IdentityService,
} from "@modwarden/identity";
import type { z } from "zod";
import { KEEP_PATH, KNOWN_PATH, keepBody, knownBody } from "./wire.ts";
import { WitnessError, type WitnessErrorCode } from "./witness.ts";
import type { WitnessedLogs } from "./witnessed-logs.ts";

const STATUS: Readonly<Record<WitnessErrorCode, number>> = {
  ERR_WITNESS_CONFLICT: 409,
  ERR_WITNESS_FULL: 409,
  ERR_WITNESS_IDENTITY: 403,
  ERR_WITNESS_THROTTLED: 429,
  ERR_WITNESS_REQUEST: 400,
  ERR_WITNESS_AWAY: 503,
};

/** Witnessing over the network, for gateways that are registered here, each known by the certificate that it shows. */
export function witnessRoutes(logs: WitnessedLogs): EndpointRoutes {
  const route = <Body>(
    schema: z.ZodType<Body>,
    run: (gateway: string, body: Body) => Promise<object>,
  ): EndpointRoutes[string] => ({
    method: "POST",
    async handler(service, request) {
      try {
        return endpointAnswer(200, await run(await gatewayOf(service, request), parsed(request.body, schema)));
      } catch (error) {
        if (!(error instanceof WitnessError)) throw error;
        return endpointAnswer(STATUS[error.code], { error: { code: error.code, message: error.message } });
      }
    },
  });
  return {
    [KNOWN_PATH]: route(knownBody, async (gateway, body) => ({ lines: await logs.known(gateway, body) })),
    [KEEP_PATH]: route(keepBody, async (gateway, body) => await logs.keep(gateway, body)),
  };
}

async function gatewayOf({ identities }: IdentityService, request: EndpointRequest): Promise<string> {
  const { id } = await identities.holder(approverOf(request));
  if ((await identities.show(id)).kind === "gateway") return id;
  throw new WitnessError("ERR_WITNESS_IDENTITY", "only a gateway's log is witnessed: enrol it with a key of that kind");
}

function parsed<Body>(body: string, schema: z.ZodType<Body>): Body {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new WitnessError("ERR_WITNESS_REQUEST", "the body is no JSON", { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new WitnessError(
    "ERR_WITNESS_REQUEST",
    `the body is not of the right form at ${result.error.issues[0]?.path.join(".") ?? ""}`,
  );
}
