import { approvalCommands } from "./approval-commands.ts";
import { auditCommands } from "./audit-commands.ts";
import { authorityCommands } from "./authority-commands.ts";
import { enrolmentCommands } from "./enrolment-commands.ts";
import { SiteError } from "./error.ts";
import { identityCommands } from "./identity-commands.ts";
import { keyCommands } from "./key-commands.ts";
import { keySourceCommands } from "./key-source-commands.ts";
import { policyCommands } from "./policy-commands.ts";
import { refusalCommands } from "./refusal-commands.ts";
import { needsRunning, nothing, type SiteCommands, type SiteServices } from "./site-command.ts";

/** Every command of a site. Adding some: a file like key-commands.ts, and its line here. */
const commands: SiteCommands = {
  ...approvalCommands,
  ...auditCommands,
  ...authorityCommands,
  ...keyCommands,
  ...keySourceCommands,
  ...enrolmentCommands,
  ...identityCommands,
  ...refusalCommands,
  ...policyCommands,
  status: needsRunning(nothing, (services) => services.status()),
};

/** A command that changes nothing. */
export function isReading(name: string): boolean {
  return Object.hasOwn(commands, name) && commands[name]?.reading === true;
}

/** A command about what only a running site has. */
export function needsRunningSite(name: string): boolean {
  return Object.hasOwn(commands, name) && commands[name]?.needsRunning === true;
}

/** Runs one command of a site. Errors: ERR_CONTROL_COMMAND, ERR_CONTROL_PARAMETERS, and those of the command */
export async function runSiteCommand(services: SiteServices, name: string, parameters: unknown): Promise<unknown> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new SiteError("ERR_CONTROL_COMMAND", `no command "${name}"`);
  return await command.run(services, name, parameters);
}
