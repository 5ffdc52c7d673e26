/** Records of the log by what they say, and single ones. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { recordKinds, type SearchQuery } from "@modwarden/audit";
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
import { ErrorShape } from "./schemas.ts";

const address = z
  .string()
  .regex(/^\d{1,5}(-\d{1,5})?$/)
  .describe("`50009`, or `50000-50009`");

const SearchParameters = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  subject: name.optional().describe("`-`: not registered"),
  role: name.optional().describe("`-`: none"),
  source: name.optional(),
  device: name.optional(),
  point: name.optional(),
  table: table.optional(),
  address: address.optional(),
  function: z.coerce.number().int().min(0).max(255).optional(),
  decision: z.enum(["permitted", "refused"]).optional(),
  because: name.optional(),
  rule: name.optional(),
  finding: name.optional(),
  severity: z.enum(["info", "low", "medium", "high"]).optional(),
  kind: z.enum(recordKinds).optional(),
  event: name.optional(),
  text: name.optional(),
  order: z.enum(["newest", "oldest"]).default("newest"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor,
});

const record = z.looseObject({ seq: z.int(), t: z.string(), kind: z.enum(recordKinds) }).openapi("Record");
const SearchShape = z.object({ records: z.array(record), next, damaged: z.array(z.int()) }).openapi("FoundRecords");

const searchRoute = createRoute({
  method: "get",
  security,
  path: "/api/v1/audit/search",
  summary: "Records of the log by what they say",
  request: { query: SearchParameters },
  responses: { 200: json(SearchShape, "A page of records, each as it stands in the log"), ...refusals },
});

const recordParameters = z.strictObject({ seq: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });

const recordRoute = createRoute({
  method: "get",
  security,
  path: "/api/v1/audit/records/{seq}",
  summary: "One record of the log",
  request: { params: recordParameters },
  responses: {
    200: json(record, "The record as it stands in the log"),
    404: json(ErrorShape, "There is no such record, or none any more"),
    ...refusals,
  },
});

const proofRoute = createRoute({
  method: "get",
  security,
  path: "/api/v1/audit/records/{seq}/proof",
  summary: "The proof that a record stands in the log",
  description: "What `modwarden audit prove` writes: who has the log's first public key verifies it without the log.",
  request: { params: recordParameters },
  responses: {
    200: json(z.looseObject({ seq: z.int() }).openapi("Proof"), "The proof, as schemas/proof.schema.json has it"),
    404: json(ErrorShape, "There is no such record, or no checkpoint covers it yet"),
    ...refusals,
  },
});

export function mountAuditSearch(app: OpenAPIHono<Environment>, audit: AuditView): void {
  app.openapi(searchRoute, async (c) => {
    const asked = c.req.valid("query");
    const { order, limit, cursor, ...query } = asked;
    const newestFirst = order === "newest";
    const place = cursor === undefined ? {} : newestFirst ? { beforeSeq: cursor } : { fromSeq: cursor };
    const question = { kind: "search", query: queryOf(query), range: { newestFirst, ...place }, limit } as const;
    const found = await answered(c, audit, { question, kind: "found" }, ({ lines }) => ({
      action: "search",
      query: defined(query),
      records: lines.length,
    }));
    if (found instanceof Response) return found as never;
    const { lines, next, damaged } = found;
    return asJson(c, `{"records":[${lines.join(",")}],"next":${next},"damaged":${JSON.stringify(damaged)}}`);
  });

  app.openapi(recordRoute, async (c) => {
    const { seq } = c.req.valid("param");
    const range = { newestFirst: false, fromSeq: seq, beforeSeq: seq + 1 };
    const found = await answered(
      c,
      audit,
      { question: { kind: "search", query: {}, range, limit: 1 }, kind: "found" },
      ({ lines }) => ({
        action: "search",
        query: { seq },
        records: lines.length,
      }),
    );
    if (found instanceof Response) return found as never;
    const [line] = found.lines;
    if (line === undefined) return c.json(errorBody("ERR_CONSOLE_NOT_FOUND", "There is no such record."), 404);
    return asJson(c, line);
  });

  app.openapi(proofRoute, async (c) => {
    const { seq } = c.req.valid("param");
    const asked = { question: { kind: "proof", seq }, kind: "proven" } as const;
    const answer = await answered(c, audit, asked, ({ proof }) => ({
      action: "prove",
      query: { seq },
      records: proof === null ? 0 : 1,
    }));
    if (answer instanceof Response) return answer as never;
    if (answer.proof !== null) return asJson(c, JSON.stringify(answer.proof));
    return c.json(
      errorBody("ERR_CONSOLE_NOT_FOUND", "No checkpoint covers such a record: ask again in a second."),
      404,
    );
  });
}

type Words = Omit<z.infer<typeof SearchParameters>, "order" | "limit" | "cursor">;

function queryOf({ from, to, subject, role, address, ...words }: Words): SearchQuery {
  const [first = 0, last = first] = (address ?? "").split("-").map(Number);
  return {
    ...(defined(words) as SearchQuery),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    ...(address === undefined ? {} : { addresses: { first, last } }),
    ...(subject === undefined ? {} : { subject: subject === "-" ? null : subject }),
    ...(role === undefined ? {} : { role: role === "-" ? null : role }),
  };
}
