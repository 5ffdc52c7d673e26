import { z } from "zod";
import { profileSchema } from "./schema.ts";

/** The JSON Schema (draft 2020-12) of device files, for editors. Keys that are not acted on yet are not allowed. */
export function profileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(profileSchema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === "custom") jsonSchema.not = {};
    },
  }) as Record<string, unknown>;
}
