import type { RecordView } from "./view.ts";

/** How much a record asks for attention, from nothing to everything. */
export type Severity = "info" | "low" | "medium" | "high";

const order: readonly string[] = ["info", "low", "medium", "high"];

/** Events that somebody should look at; every other event of these kinds is ordinary. */
const events: Readonly<Record<string, Readonly<Record<string, Severity>>>> = {
  enrolment: { refused: "medium", "key-leaked": "high", "key-conflict": "high", unconfirmed: "low" },
  identity: { cloned: "high", drifted: "high", suspended: "low", revoked: "low", "expires-soon": "low" },
  policy: { refused: "low", withdrawn: "medium", damaged: "high" },
  approval: { refused: "low", denied: "low", void: "low" },
  system: {
    recovery: "medium",
    clock: "medium",
    refused: "high",
    "bad-records": "high",
    "compression-failed": "medium",
    "feed-lost": "medium",
    "feed-gap": "high",
  },
};

/** The severity of a record: that of its gravest finding, or what its decision, outcome or event comes to. */
export function severityOf(view: RecordView): Severity {
  const found = view.findings.map(({ severity }) => order.indexOf(severity));
  return order[Math.max(order.indexOf(ownSeverity(view)), ...found)] as Severity;
}

function ownSeverity(view: RecordView): Severity {
  const { kind } = view.record;
  if (kind === "transaction" || kind === "rollup") return ofRequest(view);
  return events[kind]?.[view.event ?? ""] ?? "info";
}

function ofRequest({ accesses, permit, wouldRefuse, result, record }: RecordView): Severity {
  const isWrite = accesses.some(({ write }) => write === true);
  if (permit === false) return isWrite || record.kind === "rollup" ? "medium" : "low";
  // What the device made of a write is not known: somebody has to look.
  if (result === "unknown" && isWrite) return "medium";
  return wouldRefuse ? "low" : "info";
}
