import type { Approval } from "../../approvals/approval.ts";
import { ApprovalBook } from "../../approvals/book.ts";

const atMs = Date.parse("2026-11-21T09:14:03.120Z");
const hmi = { id: "hmi-2", role: "Operator" };

/** One that waits for a second person, and one that was denied. */
export const sampleApprovals: readonly Approval[] = sampleBook().list();

function sampleBook(): ApprovalBook {
  const book = new ApprovalBook();
  const ask = (id: string, value: number): void => {
    book.request(
      id,
      {
        subject: hmi,
        requestedBy: id === "7Q2M4KXA" ? hmi : { operator: true },
        request: {
          device: "drive",
          unit: 3,
          function: 6,
          accesses: [
            {
              device: "drive",
              unit: 3,
              table: "holding",
              address: 49_999,
              quantity: 1,
              write: true,
              points: ["control_word"],
              values: [value],
            },
          ],
          what: `drive control_word := ${value} (holding 49999, raw ${value})`,
        },
        rules: [{ id: "reset-needs-two", people: 2, by: ["Engineer"] }],
        policy: "cb081dfa992b53d5",
        ttlMs: 900_000,
      },
      atMs,
    );
  };
  ask("3C9D0RTW", 1_151);
  book.deny("3C9D0RTW", { id: "ada", role: "Engineer" }, "not while somebody is in there", atMs + 61_000);
  ask("7Q2M4KXA", 1_279);
  book.approve("7Q2M4KXA", { id: "ada", role: "Engineer" }, atMs + 90_000);
  return book;
}
