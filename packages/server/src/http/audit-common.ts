/** What the routes about the log have in common: how they ask, what they refuse, and that each look is on record. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { AuditAnswer, AuditQuestion } from "../audit-index/question.ts";
import type { Look } from "../looks/look.ts";
import type { Environment } from "./api.ts";
import type { AuditView } from "./audit-view.ts";
import { errorBody } from "./errors.ts";
import { ErrorShape } from "./schemas.ts";

interface Described<Schema extends z.ZodType> {
  description: string;
  content: { "application/json": { schema: Schema } };
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string): Described<Schema> {
  return { description, content: { "application/json": { schema } } };
}

export const security: { [name: string]: string[] }[] = [{ token: [] }, { session: [] }];

type Refusal = Described<typeof ErrorShape>;
export const refusals: { 400: Refusal; 401: Refusal; 403: Refusal; 503: Refusal } = {
  400: json(ErrorShape, "A question that is none"),
  401: json(ErrorShape, "No valid token or session"),
  403: json(ErrorShape, "Foreign Host or Origin"),
  503: json(ErrorShape, "The index is being made, or too much is asked at a time"),
};

/** A name as somebody asks for it. */
export const name: z.ZodString = z.string().min(1).max(200);
export const time: z.ZodISODateTime = z.iso.datetime({ offset: true });
export const table: z.ZodEnum<{ coil: "coil"; discrete: "discrete"; holding: "holding"; input: "input" }> = z.enum([
  "coil",
  "discrete",
  "holding",
  "input",
]);
/** Where the page before has ended: its `next`. */
export const cursor: z.ZodOptional<z.ZodCoercedNumber<unknown>> = z.coerce
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .optional();
export const next: z.ZodNullable<z.ZodInt> = z.int().nullable().describe("the `cursor` of the next page");

/** Asks, and records the look before it is answered. A response: there is no answer now. */
export async function answered<Kind extends AuditAnswer["kind"]>(
  c: Context<Environment>,
  audit: AuditView,
  asked: { readonly question: AuditQuestion; readonly kind: Kind },
  look: (answer: Extract<AuditAnswer, { readonly kind: Kind }>) => Look,
): Promise<Extract<AuditAnswer, { readonly kind: Kind }> | Response> {
  const answer = await audit.ask(asked.question);
  if (answer?.kind !== asked.kind) return notNow(c, answer);
  const wanted = answer as Extract<AuditAnswer, { readonly kind: Kind }>;
  await audit.looked(look(wanted));
  return wanted;
}

/** A text that is JSON already: of records the very bytes of the log. */
export function asJson(c: Context<Environment>, text: string): never {
  return c.body(text, 200, { "content-type": "application/json" }) as never;
}

function notNow(c: Context<Environment>, answer: AuditAnswer | undefined): Response {
  c.header("retry-after", "5");
  const why =
    answer?.kind === "behind"
      ? `The index of the log is being made: it has ${answer.records} records.`
      : answer?.kind === "refused"
        ? `The log cannot be searched now (${answer.code}).`
        : "Too much is asked at a time.";
  return c.json(errorBody("ERR_CONSOLE_BUSY", why), 503);
}

/** What was asked, without what was not. */
export function defined<Value>(words: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const entries = Object.entries(words).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
