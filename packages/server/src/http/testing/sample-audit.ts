import type { AuditView } from "../audit-view.ts";

/** A site whose log cannot be searched now. */
export const sampleAudit: AuditView = {
  ask: () => Promise.resolve(undefined),
  looked: () => Promise.resolve(),
  profile: () => undefined,
};
