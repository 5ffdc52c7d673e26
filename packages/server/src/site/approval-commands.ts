import { askedApproval } from "../approvals/asked.ts";
import type { Caller } from "../approvals/desk.ts";
import { byApproval, denial } from "../approvals/routes.ts";
import { needsRunning, nothing, type SiteCommands } from "./site-command.ts";

/** Whoever may open the control socket: one person, and nobody in particular. */
const operator: Caller = { person: { operator: true } };

/** Approvals are in the memory of a running site: there is nothing to do while it does not run. */
export const approvalCommands: SiteCommands = {
  "approval.request": needsRunning(askedApproval, ({ approvals }, asked) => approvals.request(asked, operator)),
  "approval.list": needsRunning(nothing, ({ approvals }) => approvals.list()),
  "approval.show": needsRunning(byApproval, ({ approvals }, { id }) => approvals.show(id, operator)),
  "approval.approve": needsRunning(byApproval, ({ approvals }, { id }) => approvals.approve(id, operator)),
  "approval.deny": needsRunning(denial, ({ approvals }, { id, reason }) => approvals.deny(id, operator, reason)),
  "approval.withdraw": needsRunning(byApproval, ({ approvals }, { id }) => approvals.withdraw(id, operator)),
};
