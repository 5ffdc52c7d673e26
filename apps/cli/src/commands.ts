import type { CommandFactory } from "./frame/command.ts";

/**
 * Every subcommand, in the order in which help lists them. Only the one that was called is loaded: a request to a
 * device should not wait for the parts that run a site.
 */
export const commands: Readonly<Record<string, () => Promise<CommandFactory>>> = {
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
  init: async () => (await import("./commands/init.ts")).initCommand,
  up: async () => (await import("./commands/up.ts")).upCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  key: async () => (await import("./commands/key.ts")).keyCommand,
  enrol: async () => (await import("./commands/enrol.ts")).enrolCommand,
  renew: async () => (await import("./commands/renew.ts")).renewCommand,
  recover: async () => (await import("./commands/recover.ts")).recoverCommand,
  identity: async () => (await import("./commands/identity.ts")).identityCommand,
  authority: async () => (await import("./commands/authority.ts")).authorityCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  read: async () => (await import("./commands/read.ts")).readCommand,
  write: async () => (await import("./commands/write.ts")).writeCommand,
  raw: async () => (await import("./commands/raw.ts")).rawCommand,
  sim: async () => (await import("./commands/sim.ts")).simCommand,
  decode: async () => (await import("./commands/decode.ts")).decodeCommand,
  policy: async () => (await import("./commands/policy.ts")).policyCommand,
  approval: async () => (await import("./commands/approval.ts")).approvalCommand,
  audit: async () => (await import("./commands/audit.ts")).auditCommand,
  version: async () => (await import("./commands/version.ts")).versionCommand,
};
