import type { Access, Transport } from "@modwarden/access";
import type { IdentityKind } from "@modwarden/identity";
import type { Moment, Question } from "@modwarden/policy";
import type { Slot } from "./slot.ts";
import type { Standing } from "./subjects.ts";

/**
 * What a policy is asked about a session's request: one object per session, filled anew for every request, so that a
 * question costs no memory. It is a question until the next one is asked.
 */
export class AskedQuestion {
  subject: string | null = null;
  role: string | null = null;
  kind: IdentityKind | undefined = undefined;
  tags: readonly string[] | undefined = undefined;
  readonly transport: Transport;
  readonly listener: string;
  readonly source: string;
  unit = 0;
  device: string | null = null;
  functionCode = 0;
  subfunction: number | undefined = undefined;
  accesses: readonly Access[] = [];
  atMs = 0;
  moment: Moment | undefined = undefined;

  constructor(transport: Transport, listener: string, source: string) {
    this.transport = transport;
    this.listener = listener;
    this.source = source;
  }

  /** `wallMs` since 1970; without a moment only what needs none can be decided. */
  of(slot: Slot, standing: Standing, device: string, wallMs: number, moment: Moment | undefined): Question {
    const known = standing.kind === "known";
    this.subject = slot.subject.id;
    this.role = known ? slot.subject.role : null;
    this.kind = known ? standing.subjectKind : undefined;
    this.tags = known ? standing.tags : undefined;
    this.unit = slot.unit;
    this.device = device;
    this.functionCode = slot.functionCode;
    this.subfunction = slot.operation?.subfunction;
    this.accesses = slot.accesses;
    this.atMs = wallMs;
    this.moment = moment;
    return this as Question;
  }
}
