import { randomBytes } from "node:crypto";
import { formatTime, type RingWriter, serialiseRecord } from "@modwarden/audit";
import { encodeCrockford, type IdentityService } from "@modwarden/identity";
import type { Policy } from "@modwarden/policy";
import { ApprovalDesk } from "../approvals/desk.ts";
import type { ApprovalLine } from "../approvals/line.ts";
import { policyDevices } from "../policy/prepare.ts";
import { ThreadError } from "../threads/thread-error.ts";
import type { Site } from "./load.ts";
import type { LineHandle } from "./site-threads.ts";
import { untilDurable } from "./until-durable.ts";

export interface ApprovalParts {
  readonly site: Site;
  readonly policy: () => Policy;
  /** The registry, once it stands. */
  readonly identity: () => IdentityService | undefined;
  readonly ring: SharedArrayBuffer;
  readonly writer: RingWriter;
  readonly onNotice: (text: string) => void;
}

/** The approvals of a running site, on its log, its registry and its clock. */
export function siteApprovals({ site, policy, identity, ring, writer, onNotice }: ApprovalParts): ApprovalDesk {
  return new ApprovalDesk({
    policy,
    devices: policyDevices(site.devices, site.profiles),
    subject: (id) => identity()?.subject(id),
    record: (fields) => writer.pushText(serialiseRecord(formatTime(Date.now()), "approval", fields)),
    durable: () => untilDurable(ring, writer),
    newId: () => encodeCrockford(randomBytes(5)),
    now: () => Date.now(),
    onNotice,
  });
}

/** The line's thread as approvals know it. */
export function approvalLine(line: LineHandle): ApprovalLine {
  return {
    async grant(grant) {
      const answer = await line.ask({ kind: "grant", grant });
      return answer.kind === "granted" && answer.taken;
    },
    async withdraw(id) {
      try {
        const answer = await line.ask({ kind: "withdraw", grant: id });
        if (answer.kind !== "withdrawn")
          throw new ThreadError("ERR_THREAD_ANSWER", "the line did not withdraw a grant");
      } catch (error) {
        // A line that has ended permits nothing.
        if (!(error instanceof ThreadError && error.code === "ERR_THREAD_ENDED")) throw error;
      }
    },
    async known(needs) {
      const queries = needs.map(({ device, table, address, quantity }) => ({
        device,
        ranges: [{ table, address, quantity }],
      }));
      const answer = queries.length === 0 ? undefined : await line.ask({ kind: "values", queries });
      const seen = new Map<string, number>();
      for (const { device, values } of answer?.kind === "values" ? answer.answers : []) {
        for (const { table, address, value } of values) seen.set(`${table} ${address} ${device}`, value);
      }
      return (device, table, address) => seen.get(`${table} ${address} ${device}`);
    },
  };
}
