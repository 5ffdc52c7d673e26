import { compactJson } from "../record/json.ts";
import type { AuditRecord, RecordKind } from "../record/record.ts";
import type { ExportContext } from "./context.ts";
import type { Ocsf } from "./ocsf-base.ts";
import { detectionFinding, eventLogActivity } from "./ocsf-log.ts";
import { networkActivity } from "./ocsf-network.ts";
import { accountChange, approvalStep, enrolment, policyChange } from "./ocsf-people.ts";
import { type RecordView, viewOf } from "./view.ts";

const makers: Readonly<Record<RecordKind, (view: RecordView, context: ExportContext) => Ocsf>> = {
  log: eventLogActivity,
  transaction: networkActivity,
  rollup: networkActivity,
  state: networkActivity,
  finding: detectionFinding,
  enrolment,
  identity: accountChange,
  policy: policyChange,
  approval: approvalStep,
  system: eventLogActivity,
};

/** A record as an event of the Open Cybersecurity Schema Framework. Undefined members are left out when it is written. */
function ocsfEvent(record: AuditRecord, context: ExportContext): Ocsf {
  return makers[record.kind](viewOf(record), context);
}

/** The same as one compact line, without line end. */
export function ocsfLine(record: AuditRecord, context: ExportContext): string {
  return compactJson(ocsfEvent(record, context));
}
