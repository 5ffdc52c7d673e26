/** Who wrote something. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { blameView } from "../audit-index/views.ts";
import { blamedPlace } from "../audit-index/what.ts";
import { SiteError } from "../site/error.ts";
import type { Environment } from "./api.ts";
import {
  answered,
  asJson,
  cursor,
  defined,
  json,
  name,
  next,
  refusals,
  security,
  table,
  time,
} from "./audit-common.ts";
import type { AuditView } from "./audit-view.ts";
import { errorBody } from "./errors.ts";

const BlameParameters = z.strictObject({
  device: name,
  what: name.describe("a point, or a place such as `holding:50009`"),
  since: time.optional(),
  refused: z.enum(["true", "false"]).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor,
});

const value = z.int().nullable();
const readBack = z.object({ seq: z.int(), t: z.string(), values: z.array(value), agrees: z.boolean().nullable() });
const write = z
  .looseObject({
    seq: z.int(),
    t: z.string(),
    device: z.string().nullable(),
    table,
    address: z.int(),
    before: z.array(value),
    after: z.array(value),
    outcome: z.enum(["confirmed", "refused-by-device", "unknown", "refused", "not-sent"]),
    readBack: readBack.optional(),
  })
  .openapi("BlamedWrite");
const BlameShape = z.object({ writes: z.array(write), next }).openapi("Blame");

const blameRoute = createRoute({
  method: "get",
  security,
  path: "/api/v1/audit/blame",
  summary: "Who wrote a point or a register, the newest first",
  request: { query: BlameParameters },
  responses: { 200: json(BlameShape, "A page of writes"), ...refusals },
});

export function mountAuditBlame(app: OpenAPIHono<Environment>, audit: AuditView): void {
  app.openapi(blameRoute, async (c) => {
    const { device, what, since, refused, limit, cursor } = c.req.valid("query");
    const profile = audit.profile(device);
    const place = placeOf(what, profile);
    if (place === undefined) return c.json(errorBody("ERR_CONSOLE_BAD_REQUEST", "That is no point and no place."), 400);
    const wanted = {
      device,
      ...place,
      refused: refused === "true",
      limit,
      ...(since === undefined ? {} : { since: Date.parse(since) }),
      ...(cursor === undefined ? {} : { beforeSeq: cursor }),
    };
    const found = await answered(c, audit, { question: { kind: "blame", wanted }, kind: "blamed" }, ({ writes }) => ({
      action: "blame",
      query: defined({ device, what, since }),
      records: writes.length,
    }));
    if (found instanceof Response) return found as never;
    const writes = found.writes.map((write) => blameView(write, profile));
    return asJson(c, JSON.stringify({ writes, next: found.next }));
  });
}

function placeOf(what: string, profile: Parameters<typeof blamedPlace>[1]): ReturnType<typeof blamedPlace> | undefined {
  try {
    return blamedPlace(what, profile);
  } catch (error) {
    if (error instanceof SiteError) return undefined;
    throw error;
  }
}
