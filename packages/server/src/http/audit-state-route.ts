/** What stood in a device at a time. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { stateView } from "../audit-index/views.ts";
import type { Environment } from "./api.ts";
import { answered, asJson, defined, json, name, refusals, security, table, time } from "./audit-common.ts";
import type { AuditView } from "./audit-view.ts";

const StateParameters = z.strictObject({ device: name, at: time.optional() });
const register = z.object({
  table,
  address: z.int(),
  value: z.int().nullable(),
  t: z.string(),
  ageMs: z.int(),
  seq: z.int(),
  by: z.enum(["write", "unknown-write", "read", "rollup", "state"]),
  points: z.array(z.string()),
});
const StateShape = z
  .object({
    device: z.string(),
    at: z.string(),
    registers: z.array(register),
    points: z.array(z.looseObject({ id: z.string(), text: z.string(), t: z.string(), ageMs: z.int() })).optional(),
  })
  .openapi("DeviceState");

const stateRoute = createRoute({
  method: "get",
  security,
  path: "/api/v1/audit/state",
  summary: "What the registers of a device were known to be at a time",
  request: { query: StateParameters },
  responses: { 200: json(StateShape, "What was known"), ...refusals },
});

export function mountAuditState(app: OpenAPIHono<Environment>, audit: AuditView): void {
  app.openapi(stateRoute, async (c) => {
    const { device, at } = c.req.valid("query");
    const micros = (at === undefined ? Date.now() : Date.parse(at)) * 1000;
    const found = await answered(
      c,
      audit,
      { question: { kind: "state", wanted: { device, at: micros } }, kind: "known" },
      ({ registers }) => ({
        action: "state",
        query: defined({ device, at }),
        records: registers.length,
      }),
    );
    if (found instanceof Response) return found as never;
    return asJson(c, JSON.stringify(stateView(device, micros, found.registers, audit.profile(device))));
  });
}
