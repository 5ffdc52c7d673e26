import { z } from "zod";
import { isPrintable } from "../names.ts";
import type { Capabilities, DeviceDescription } from "../types/record.ts";

const MAX_ENTRIES = 64;

function printable(most: number): z.ZodType<string> {
  return z.string().min(1).max(most).refine(isPrintable, "printable characters are wanted");
}

function texts(most: number): z.ZodType<Readonly<Record<string, string>>> {
  return z
    .record(printable(64), printable(most))
    .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES, `at most ${MAX_ENTRIES} entries are wanted`);
}

/** 1 to 127, with a sub-function or MEI type behind a slash where there is one. */
const functionCode = z
  .union([z.int().min(1).max(127).transform(String), z.string()])
  .pipe(
    z.string().regex(/^([1-9]|[1-9]\d|1[01]\d|12[0-7])(\/\d{1,5})?$/, "a function code is written 3, 8/1 or 43/14"),
  );

const capabilities: z.ZodType<Capabilities> = z.strictObject({
  functions: z.array(functionCode).max(MAX_ENTRIES).exactOptional(),
  tables: z
    .array(z.enum(["coil", "discrete", "holding", "input"]))
    .max(4)
    .exactOptional(),
  // An object of function 43/14 has at most 245 bytes. MODBUS Application Protocol V1.1b3 § 6.21
  objects: texts(245).exactOptional(),
});

/** What a device says of itself, from the network or a file: every text and list has a bound. */
export const deviceDescription: z.ZodType<DeviceDescription> = z.strictObject({
  address: printable(300).exactOptional(),
  unit: z.union([z.literal("auto"), z.int().min(0).max(255)]).exactOptional(),
  model: printable(200).exactOptional(),
  firmware: printable(200).exactOptional(),
  capabilities: capabilities.exactOptional(),
  configuration: texts(200).exactOptional(),
});

/** The column of the registry. */
export function parseCapabilities(json: string): Capabilities {
  return capabilities.parse(JSON.parse(json));
}
