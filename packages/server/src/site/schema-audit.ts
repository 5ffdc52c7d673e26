import { z } from "zod";
import { amount, days } from "./schema-amount.ts";
import { type SyslogSection, syslogSection } from "./schema-syslog.ts";
import { type WitnessSection, witnessSection } from "./schema-witness.ts";

/** What the site says about its audit log, defaults filled in. */
export interface AuditSection {
  /** Permitted reads rolled up by the minute, or each by itself. */
  readonly reads: "rollup" | "each";
  /** A permitted write is sent only when its record is durable. */
  readonly writeAhead: boolean;
  /** How long sealed segments are kept, such as 90d; undefined: for ever. */
  readonly retain?: string | undefined;
  /** How much of them is kept, such as 50GB; undefined: all. */
  readonly retainBytes?: string | undefined;
  /** Room that is kept for a full disk, such as 16MB; 0MB: none. */
  readonly reserve: string;
  /** Where checkpoints go, besides the log's own folder. */
  readonly witness: readonly WitnessSection[];
  /** A receiver of its records, as they are written. */
  readonly syslog?: SyslogSection | undefined;
  /** What becomes of requests that cannot be recorded. */
  readonly onFailure: { readonly write: "refuse" | "forward"; readonly read: "refuse" | "forward" };
}

const sectionSchema = z.strictObject({
  reads: z.enum(["rollup", "each"]).default("rollup"),
  retain: days.optional(),
  // Less than a few segments would leave next to nothing.
  retainBytes: amount("200MB", "900TB").optional(),
  reserve: amount("0MB", "10GB").default("16MB"),
  witness: witnessSection,
  syslog: syslogSection,
  writeAhead: z.boolean().default(false),
  onFailure: z
    .strictObject({
      write: z.enum(["refuse", "forward"]).default("refuse"),
      read: z.enum(["refuse", "forward"]).default("forward"),
    })
    .default({ write: "refuse", read: "forward" }),
});

export const auditSection: z.ZodType<AuditSection> = sectionSchema.default(() => sectionSchema.parse({}));
