import type { Profile } from "@modwarden/profile";
import type { AuditAnswer, AuditQuestion } from "../audit-index/question.ts";
import type { Look } from "../looks/look.ts";

/** The log of the site, as the HTTP API searches it. */
export interface AuditView {
  /** Undefined when too much is asked at a time. */
  ask(question: AuditQuestion): Promise<AuditAnswer | undefined>;
  /** Resolves when it is on record that somebody looks. */
  looked(look: Look): Promise<void>;
  /** What the registers of a device mean, where that is known. */
  profile(device: string): Profile | undefined;
}
