import { decodeCommand } from "./commands/decode.ts";
import { versionCommand } from "./commands/version.ts";
import type { CommandFactory } from "./frame/command.ts";

/** Every subcommand, in the order in which help lists them. */
export const commands: readonly CommandFactory[] = [decodeCommand, versionCommand];
