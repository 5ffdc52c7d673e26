import { type Context, correlationCode } from "../context.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import type { RefusalReason } from "../events.ts";

export interface HolderRefusal {
  readonly reason: RefusalReason;
  readonly source: string;
  readonly id?: string;
  readonly fingerprint?: string;
  readonly correlation?: string;
  readonly detail?: Readonly<Record<string, string | number>>;
  /** Where the holder may know why; without it there is one sentence for every reason. */
  readonly told?: { readonly code: IdentityErrorCode; readonly message: string };
}

const SENTENCE =
  "this identity gets no new certificate: give the correlation code to whoever looks after the site's registry";

/** Puts a refused holder on record, unless its source has had too many of them, and throws what it is told. */
export async function refuseHolder(context: Context, refusal: HolderRefusal): Promise<never> {
  const { source, id, fingerprint, detail, told } = refusal;
  const nowMs = context.now().getTime();
  const verdict = context.throttle.ask(source, nowMs, () => correlationCode(context.random));
  const correlation = verdict.allowed ? (refusal.correlation ?? correlationCode(context.random)) : verdict.correlation;
  if (verdict.allowed) context.throttle.refused(source, nowMs);
  if (verdict.allowed || verdict.first) {
    await context.refusal({
      kind: "enrolment",
      event: "refused",
      reason: verdict.allowed ? refusal.reason : "throttled",
      source,
      ...(id === undefined ? {} : { id }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      correlation,
      ...(detail === undefined ? {} : { detail }),
    });
  }
  if (!verdict.allowed) throw new IdentityError("ERR_ENROLMENT_THROTTLED", SENTENCE, { correlation });
  throw new IdentityError(told?.code ?? "ERR_ENROLMENT_REFUSED", told?.message ?? SENTENCE, { correlation });
}
