import { readDocument } from "@modwarden/document";
import { type DeviceDescription, deviceDescription } from "@modwarden/identity";
import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { wholeNumber } from "../frame/options.ts";

export interface DeviceOptions {
  readonly device?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly unit?: number | "auto";
  readonly address?: string;
}

/** What the one that enrols says of itself; all of it stands in the registry afterwards. */
export function withDevice(command: Command): Command {
  return command
    .option("--serial <S>", "its serial number; a key may be bound to it")
    .option("--device <FILE>", "YAML or JSON: address, unit, model, firmware, capabilities, configuration")
    .option("--model <MODEL>", "what it is")
    .option("--firmware <VERSION>", "what runs on it")
    .option("--unit <N>", "its unit, or auto for the lowest free one", unit)
    .option("--address <URL>", "where it is reached");
}

/** The file with what the options say over it; undefined where neither says anything. Error: ERR_DOCUMENT */
export async function deviceOf(context: Context, options: DeviceOptions): Promise<DeviceDescription | undefined> {
  const { device: file, model, firmware, address } = options;
  const written =
    file === undefined ? {} : readDocument(await readNamedFile(context.terminal, file), file, deviceDescription).value;
  const described: DeviceDescription = {
    ...written,
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(address === undefined ? {} : { address }),
    ...(options.unit === undefined ? {} : { unit: options.unit }),
  };
  return Object.keys(described).length === 0 ? undefined : described;
}

function unit(text: string): number | "auto" {
  if (text === "auto") return text;
  try {
    return wholeNumber(1, 255)(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError("A unit from 1 to 255, or auto, is wanted.");
  }
}
