/** The control plane: HTTP API, event stream, enrolment endpoint, console files, and the threads of a running site. */
export type { Approval, Person } from "./approvals/approval.ts";
export { approvalWith } from "./approvals/client.ts";
export { ConsoleError } from "./http/index.ts";
export { readPassphrase } from "./site/authority-access.ts";
export { SiteError } from "./site/error.ts";
export { loadSite, policyDevices, type Site } from "./site/load.ts";
export { lockData } from "./site/lock.ts";
export { siteCommand } from "./site/offline.ts";
export { type ReadyLine, type RunningSite, type SiteOptions, startSite } from "./site/running-site.ts";
export { siteJsonSchema } from "./site/schema.ts";
