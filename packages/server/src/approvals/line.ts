import { boundObjects, type Grant } from "@modwarden/gateway";
import type { Need } from "@modwarden/policy";
import type { Approval } from "./approval.ts";

/** A register that the line has seen, and whatever it was. */
export type KnownValues = (device: string, table: Need["table"], address: number) => number | undefined;

/** What approvals need of the line. */
export interface ApprovalLine {
  /** False where it has no room. Kept: the line acts on it. */
  grant(grant: Grant): Promise<boolean>;
  /** Kept: the line does not act on it any more. */
  withdraw(id: string): Promise<void>;
  /** What it last saw of these registers. */
  known(needs: readonly Need[]): Promise<KnownValues>;
}

/** What the line is told of an approval that enough people have given. */
export function grantOf({ id, rules, subject, request, policy, expires }: Approval): Grant {
  const { function: functionCode, subfunction, accesses, device } = request;
  if (device === null) throw new Error(`approval ${id} is for no device`);
  const bound = { functionCode, accesses, ...(subfunction === undefined ? {} : { subfunction }) };
  return {
    id,
    rules: rules.map((rule) => rule.id),
    people: rules.some(({ people }) => people > 1) ? 2 : 1,
    subject: subject.id,
    device,
    objects: boundObjects(bound),
    policy,
    expiresMs: Date.parse(expires),
  };
}
