import { type Context, correlationCode } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import type { Said } from "../refusals/said.ts";

interface Refusal {
  readonly reason: RefusalReason;
  readonly source: string;
  readonly key?: string;
  readonly id?: string;
  /** What the request said of itself. */
  readonly said?: Said;
}

/** The sentence for every refusal; what differs is the correlation code. */
const SENTENCE =
  "this registration key does not open an enrolment: ask for a new one and give the correlation code to whoever issued it";

/** Before a secret is looked at. Reported once per spell, so that refusals cannot flood the log. */
export async function checkThrottle(context: Context, source: string): Promise<void> {
  const verdict = context.throttle.ask(source, context.now().getTime(), () => correlationCode(context.random));
  if (verdict.allowed) return;
  const { correlation } = verdict;
  if (verdict.first) {
    await context.refusal({ kind: "enrolment", event: "refused", reason: "throttled", source, correlation });
  }
  throw new IdentityError("ERR_ENROLMENT_THROTTLED", SENTENCE, { correlation });
}

/** One answer to every key that opens nothing; the reason goes into the audit log only. */
export async function refuse(context: Context, refusal: Refusal): Promise<never> {
  context.throttle.refused(refusal.source, context.now().getTime());
  const correlation = correlationCode(context.random);
  const { reason, source, key, id, said = {} } = refusal;
  await context.refusal({
    kind: "enrolment",
    event: "refused",
    reason,
    source,
    ...(key === undefined ? {} : { key }),
    ...(id === undefined ? {} : { id }),
    correlation,
    ...(Object.keys(said).length === 0 ? {} : { detail: said }),
  });
  throw new IdentityError("ERR_ENROLMENT_REFUSED", SENTENCE, { correlation });
}
