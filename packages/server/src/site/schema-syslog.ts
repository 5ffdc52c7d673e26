import { type RecordKind, recordKinds } from "@modwarden/audit";
import { z } from "zod";

/** A receiver of syslog over TLS. */
export interface SyslogReceiver {
  /** tls://siem.example:6514 */
  readonly to: string;
  /** File of the authorities that may vouch for it, PEM. */
  readonly authority: string;
  /** What this side shows for itself, where the receiver wants to know. */
  readonly identity?: { readonly key: string; readonly certificate: string } | undefined;
}

/** A receiver that gets the records of the log as they are written. */
export interface SyslogSection extends SyslogReceiver {
  readonly format: "ocsf" | "cef" | "json";
  /** Left out: all of them. */
  readonly kinds?: readonly RecordKind[] | undefined;
  /** Where to begin when nothing was sent yet. */
  readonly from: "now" | "start";
}

/** The port that is kept for it (RFC 5425, 5.1). */
const PORT = 6514;
const TARGET = /^tls:\/\/(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?))(?::(\d{1,5}))?$/;

const file = z.string().min(1).max(300);

const receiver = {
  to: z
    .string()
    .max(300)
    .regex(TARGET, "a receiver is of the form tls://siem.example:6514; records go to it over TLS only")
    .refine((text) => (syslogTarget(text)?.port ?? 0) <= 65_535, "a port is at most 65535"),
  authority: file,
  identity: z.strictObject({ key: file, certificate: file }).optional(),
};

export const syslogReceiver: z.ZodType<SyslogReceiver | undefined> = z.strictObject(receiver).optional();

export const syslogSection: z.ZodType<SyslogSection | undefined> = z
  .strictObject({
    ...receiver,
    format: z.enum(["ocsf", "cef", "json"]),
    kinds: z.array(z.enum(recordKinds)).min(1).max(recordKinds.length).optional(),
    from: z.enum(["now", "start"]).default("now"),
  })
  .optional();

/** Host and port of a target as the schema takes it. */
export function syslogTarget(to: string): { readonly host: string; readonly port: number } | undefined {
  const match = TARGET.exec(to);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host, port: Number(match?.[4] ?? PORT) };
}
