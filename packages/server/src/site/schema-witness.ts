import { z } from "zod";
import { type SyslogReceiver, syslogReceiver } from "./schema-syslog.ts";

/** One place where checkpoints of the log go. */
export interface WitnessSection {
  /** A file on another mount. */
  readonly file?: string | undefined;
  /** The enrolment endpoint of another modwarden, */
  readonly gateway?: string | undefined;
  /** and the folder of an identity that was enrolled there. */
  readonly identity?: string | undefined;
  /** A receiver of syslog over TLS. */
  readonly syslog?: SyslogReceiver | undefined;
  /** How often the newest checkpoint goes there, such as 10s. */
  readonly every: string;
}

const DURATION = /^([1-9]\d{0,3})(s|m)$/;
const MOST_FILES = 2;

const section = z
  .strictObject({
    file: z.string().min(1).max(300).optional(),
    gateway: z.url({ protocol: /^https$/, error: "a gateway is of the form https://gw2.plant:8443" }).optional(),
    identity: z.string().min(1).max(300).optional(),
    syslog: syslogReceiver,
    every: z
      .string()
      .regex(DURATION, "a time is a number of seconds or minutes: 10s, 1m")
      .refine((text) => witnessEveryMs(text) <= 3_600_000, "at least once an hour")
      .default("10s"),
  })
  .refine((one) => [one.file, one.gateway, one.syslog].filter((kind) => kind !== undefined).length === 1, {
    error: "a witness is one of `file`, `gateway` and `syslog`",
  })
  .refine(({ gateway, identity }) => (gateway === undefined) === (identity === undefined), {
    error: "`gateway` and `identity`, the folder of what was enrolled there, belong together",
  });

export const witnessSection: z.ZodType<readonly WitnessSection[]> = z
  .array(section)
  .max(4)
  // A mount that has gone keeps a thread of the process that asks for it.
  .refine((list) => list.filter(({ file }) => file !== undefined).length <= MOST_FILES, {
    error: `at most ${MOST_FILES} witnesses are files`,
  })
  .default([]);

/** Milliseconds of a time as the schema takes it. */
export function witnessEveryMs(text: string): number {
  const [, count = "0", unit = "s"] = DURATION.exec(text) ?? [];
  return Number(count) * (unit === "m" ? 60_000 : 1000);
}
