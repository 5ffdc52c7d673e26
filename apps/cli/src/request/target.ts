import { readFileSync } from "node:fs";
import {
  type Client,
  type ConnectOptions,
  connect,
  formatTrace,
  type ModbusUrl,
  parseModbusUrl,
  type SerialSettings,
  TimeoutError,
} from "@modwarden/modbus";
import { builtinProfile, builtinProfileNames, isBuiltinProfile, type Profile, readProfile } from "@modwarden/profile";
import type { Command } from "commander";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { wholeNumber } from "../frame/options.ts";
import { noteItsEnd } from "../renewal/ending.ts";
import { usage } from "./place.ts";

/** What every command that asks a device takes. */
export interface TargetOptions {
  readonly unit?: number;
  readonly identity?: string;
  readonly serverName?: string;
  readonly timeout?: number;
  readonly trace?: true;
}

/** What the argument of a command may be. */
export const URL_HELP: string =
  "modbus+tcp://host:502, modbus+tls://host:802, modbus+udp://, modbus+unix:///path, modbus+rtu:///dev/ttyUSB0, " +
  "modbus+ascii:///dev/ttyUSB0, modbus+rtutcp://host:port or modbus+asciitcp://host:port";

/** There unit 0 is every device of the line. MODBUS over Serial Line V1.02 § 2.1 */
const lines: readonly string[] = ["rtu", "ascii", "rtutcp", "asciitcp"];

const MAX_TIMEOUT_MS = 600_000;

export function withTarget(command: Command): Command {
  return command
    .option("--unit <N>", "unit 0-255 (default: the URL's, else 1)", wholeNumber(0, 255))
    .option("--identity <DIR>", "who asks, over modbus+tls: the folder that enrol wrote")
    .option("--server-name <NAME>", "the name the server's certificate carries (default: the URL's host)")
    .option(
      "--timeout <MS>",
      "time for connecting (default: 5000) and for the answer (1000)",
      wholeNumber(1, MAX_TIMEOUT_MS),
    )
    .option("--trace", "show every frame on standard error, decoded and in hex");
}

/** A connection, and the unit that requests go to. */
export interface Target {
  readonly client: Client;
  readonly unit: number;
  /** What is asked goes to every device of a line, and none answers. */
  readonly broadcast: boolean;
}

/** Connects, does the work, and closes the connection whatever comes of it. */
export async function withClient<Result>(
  context: Context,
  text: string,
  options: TargetOptions,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  const url = parseModbusUrl(text);
  const unit = options.unit ?? url.unit ?? 1;
  await using client = await connect(url, {
    unit,
    ...timeouts(options),
    ...(await credentials(context, url, options)),
  });
  if (options.trace) client.trace((event) => context.note(formatTrace(event)));
  try {
    return await work({ client, unit, broadcast: unit === 0 && lines.includes(url.scheme) });
  } catch (error) {
    if (error instanceof TimeoutError && url.serial !== undefined) context.note(spokenAt(url.scheme, url.serial));
    throw error;
  }
}

/** Silence is all that a wrong setting of a serial line shows. */
function spokenAt(scheme: string, { baud, dataBits, parity, stopBits }: SerialSettings): string {
  const form = `${baud} baud, ${dataBits} data bits, parity ${parity}, stop bits ${stopBits}`;
  return `spoke ${scheme.toUpperCase()} at ${form}: the device has to be set to the same (?baud=9600&parity=none)`;
}

function timeouts({ timeout }: TargetOptions): ConnectOptions {
  return timeout === undefined ? {} : { timeoutMs: timeout, connectTimeoutMs: timeout };
}

async function credentials(context: Context, url: ModbusUrl, options: TargetOptions): Promise<ConnectOptions> {
  const { identity, serverName } = options;
  if (url.scheme !== "tls") return identity === undefined ? {} : usage("--identity is for modbus+tls:// addresses");
  if (identity === undefined)
    return usage("modbus+tls needs to know who asks: name the folder of an identity with --identity");
  // Certificates take time to load, and most requests need none.
  const { loadIdentity } = await import("@modwarden/identity");
  const loaded = loadIdentity(identity);
  noteItsEnd(context, identity, loaded, Date.now());
  const { key, cert, ca } = loaded;
  return { tls: { key, cert, ca, ...(serverName === undefined ? {} : { serverName }) } };
}

/** A built-in profile or a device file. Throws ERR_DOCUMENT, or ERR_PROFILE for what is neither (exit 2). */
export function profileOf(name: string): Profile {
  if (isBuiltinProfile(name)) return builtinProfile(name);
  let text: string;
  try {
    text = readFileSync(name, "utf8");
  } catch (cause) {
    const known = builtinProfileNames.join(", ");
    throw new CliError("ERR_PROFILE", `${name} is no file that can be read, and none of the built-in ${known}`, 2, {
      cause,
    });
  }
  return readProfile(text, name);
}
