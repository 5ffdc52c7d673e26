import { z } from "zod";

/**
 * A key of the format that this version does not act on. A condition that is not judged must never be silently
 * ignored, so its presence is a load error that says so.
 */
export function notYet(key: string): z.ZodOptional<z.ZodType<never>> {
  return z
    .custom<never>((value) => value === undefined, {
      error: `"${key}" is part of the format, but this version does not act on it yet: remove it`,
    })
    .optional();
}
