import type { SubjectRecord } from "@modwarden/identity";
import { AskedError, type Policy, type PolicyDevice, type Question, questionFor } from "@modwarden/policy";
import { nameOf } from "./approval.ts";
import type { AskedApproval } from "./asked.ts";
import { describeRequest } from "./describe.ts";
import type { Caller } from "./desk.ts";
import type { Draft } from "./entry.ts";
import { ApprovalError } from "./error.ts";
import type { ApprovalLine } from "./line.ts";
import { explained, type Known, neededApprovals } from "./needed.ts";

interface Drafted {
  readonly policy: Policy;
  readonly devices: readonly PolicyDevice[];
  readonly subject: (id: string) => SubjectRecord | undefined;
  readonly line: ApprovalLine;
  readonly nowMs: number;
}

/**
 * What is asked for, judged by the policy in force. Errors: ERR_APPROVAL_QUESTION, -_IDENTITY, -_NOT_NEEDED, -_REFUSED
 */
export async function draftOf(asked: AskedApproval, caller: Caller, parts: Drafted): Promise<Draft> {
  const { policy, devices, line } = parts;
  const subject = subjectOf(asked, caller, parts.subject);
  const question = questionOf(asked, subject, caller, parts);
  if (question.device === null) {
    throw new ApprovalError(
      "ERR_APPROVAL_QUESTION",
      `no device of the site is unit ${question.unit}: say which device`,
    );
  }
  const needed = neededApprovals(policy, question, await knownTo(policy, question, line));
  if (needed.kind === "not-needed") {
    throw new ApprovalError(
      "ERR_APPROVAL_NOT_NEEDED",
      `this is permitted without an approval: ${explained(needed.explanation)}`,
    );
  }
  if (needed.kind === "refused") {
    throw new ApprovalError(
      "ERR_APPROVAL_REFUSED",
      `no approval would help, for this is refused anyway: ${explained(needed.explanation)}`,
    );
  }
  const { functionCode, subfunction, accesses, device, unit } = question;
  const operation = { function: functionCode, ...(subfunction === undefined ? {} : { subfunction }) };
  const known = devices.find(({ id }) => id === device);
  return {
    subject: { id: subject.id, role: subject.role },
    requestedBy: caller.person,
    request: { device, unit, ...operation, accesses, what: describeRequest(accesses, operation, known) },
    rules: needed.rules,
    policy: policy.hash,
    ttlMs: needed.ttlMs,
  };
}

/** Over the network everyone asks for themselves; the operator says for whom. */
function subjectOf(asked: AskedApproval, { person }: Caller, find: Drafted["subject"]): SubjectRecord {
  const isOperator = "operator" in person;
  if (!isOperator && asked.for !== undefined && asked.for.toLowerCase() !== person.id.toLowerCase()) {
    throw new ApprovalError("ERR_APPROVAL_QUESTION", `${nameOf(person)} asks for nobody else: leave "for" out`);
  }
  const id = isOperator ? asked.for : person.id;
  if (id === undefined) {
    throw new ApprovalError("ERR_APPROVAL_QUESTION", "say whose request it will be: --for ID, as the registry has it");
  }
  const subject = find(id);
  if (subject?.state === "active") return subject;
  const why = subject === undefined ? "is not in the registry" : `is ${subject.state}`;
  throw new ApprovalError("ERR_APPROVAL_IDENTITY", `"${id}" ${why}: nobody who is not active is permitted anything`);
}

function questionOf(
  asked: AskedApproval,
  subject: SubjectRecord,
  { person, source }: Caller,
  { devices, nowMs }: Drafted,
): Question {
  const { for: _, ...described } = asked;
  const role = "operator" in person ? subject.role : person.role;
  const from = asked.from ?? source;
  const transport = asked.transport ?? (subject.fingerprint === undefined ? "tcp" : "tls");
  try {
    const question = questionFor(
      { ...described, as: role, transport, ...(from === undefined ? {} : { from }) },
      devices,
    );
    return {
      ...question,
      subject: subject.id,
      kind: subject.kind,
      ...(subject.tags === undefined ? {} : { tags: subject.tags }),
      ...(asked.listener === undefined ? {} : { listener: asked.listener }),
      atMs: nowMs,
    };
  } catch (error) {
    if (!(error instanceof AskedError)) throw error;
    throw new ApprovalError("ERR_APPROVAL_QUESTION", error.message, { cause: error });
  }
}

/**
 * Conditions on the plant are looked at with what the line last saw, however old: it reads anew what it needs when the
 * request comes. How fast a point moved is the line's to know; here it counts as having stood still.
 */
async function knownTo(policy: Policy, question: Question, line: ApprovalLine): Promise<Known> {
  const value = await line.known(policy.needs(question));
  return {
    known(device, table, address) {
      const found = value(device, table, address);
      return found === undefined ? undefined : { value: found, ageMs: 0 };
    },
    extremes(device, table, address) {
      const watch = policy.watches.find(
        (one) => one.device === device && one.table === table && one.address === address,
      );
      if (watch === undefined) return undefined;
      const registers = Array.from({ length: watch.quantity }, (_, at) => value(device, table, address + at));
      const known = registers.filter((register) => register !== undefined);
      const raw = known.length === registers.length ? watch.raw(known) : undefined;
      return raw === undefined ? undefined : { least: raw, most: raw };
    },
  };
}
