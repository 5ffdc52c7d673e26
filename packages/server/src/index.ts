/** The control plane: HTTP API, event stream, enrolment endpoint, console files, and the threads of a running site. */
export type { Approval, Person } from "./approvals/approval.ts";
export { approvalWith } from "./approvals/client.ts";
export { type BlameView, blameView, type StateView, stateView } from "./audit-index/views.ts";
export { blamedPlace } from "./audit-index/what.ts";
export { ConsoleError } from "./http/index.ts";
export type { Look } from "./looks/look.ts";
export { recordLook } from "./looks/record-look.ts";
export { newestPolicyVersion } from "./policy/in-force.ts";
export { policyDevices } from "./policy/prepare.ts";
export { readPassphrase } from "./site/authority-access.ts";
export { SiteError } from "./site/error.ts";
export { readSite, type Site } from "./site/load.ts";
export { loadSite, type SiteWithPolicy } from "./site/load-with-policy.ts";
export { lockData } from "./site/lock.ts";
export { siteCommand } from "./site/offline.ts";
export { type ReadyLine, type RunningSite, type SiteOptions, startSite } from "./site/running-site.ts";
export { siteJsonSchema } from "./site/schema.ts";
