import { isBitTable, type Point, type Profile } from "@modwarden/profile";
import type { ValueType, WordOrder } from "@modwarden/protocol";
import type { Command } from "commander";
import { askYes } from "../frame/ask.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { valueType, wordOrder } from "../frame/options.ts";
import { Known, readWords } from "../request/known.ts";
import { addressText, checkType, type Place, placeOf, tableOf, usage } from "../request/place.ts";
import { profileOf, type Target, type TargetOptions, URL_HELP, withClient, withTarget } from "../request/target.ts";
import { bitsOf, pointWords, registersOf } from "../request/values.ts";

interface WriteOptions extends TargetOptions {
  readonly as?: ValueType;
  readonly order: WordOrder;
  readonly profile?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** Bits, or registers. */
type Words = readonly boolean[] | Uint16Array;

export function writeCommand(context: Context): Command {
  const command = createCommand("write", {
    summary: "Writes registers or coils with one request; asks first at a terminal",
    examples: [
      ["modwarden write modbus+tcp://127.0.0.1:5020 holding 10 42", "one register"],
      ["modwarden write modbus+tcp://127.0.0.1:5020 holding 20 21.5 --as f32", "a float in two registers"],
      ["modwarden write modbus+tcp://127.0.0.1:5020 coil 0 on off on", "three coils"],
      [
        "modwarden write modbus+tcp://127.0.0.1:5020 holding setpoint 40 --unit 3 --profile danfoss-fc51",
        "a point by its name",
      ],
    ],
    more: "A single value goes out with function 5 or 6, several with 15 or 16. Without a terminal it is not asked.",
  });
  withTarget(withJson(command))
    .argument("<URL>", URL_HELP)
    .argument("<TABLE>", "holding or coil", tableOf)
    .argument("<ADDRESS>", "the first address, or with --profile a point's name")
    .argument("<VALUE...>", "numbers; for coils 1, 0, on, off")
    .option("--as <TYPE>", "type of the values (default: u16)", valueType)
    .option("--order <ORDER>", "word order: ABCD, CDAB, BADC, DCBA", wordOrder, "ABCD")
    .option("--profile <P>", "a built-in profile or a device file: names points and scales values")
    .option("-y, --yes", "do not ask")
    .action(async (url: string, table: Point["table"], at: string, texts: string[], options: WriteOptions) => {
      if (table !== "holding" && table !== "coil") usage(`the table ${table} can only be read`);
      const profile = options.profile === undefined ? undefined : profileOf(options.profile);
      checkType(table, options.as);
      const place = placeOf(table, at, undefined, profile);
      if (place.point === undefined && place.quantity > 1)
        usage("name the first address only: the values say how many");
      const written = await withClient(context, url, options, async (target) => {
        const words = await wordsOf(target, place, texts, options, profile);
        await confirm(context, target, place, words, options);
        await send(target, place, words);
        return { unit: target.unit, table, address: place.address, written: words.length };
      });
      if (options.json) context.json(written);
      else context.print(`wrote ${written.written} at ${addressText(table, place.address)} of unit ${written.unit}`);
    });
  return command;
}

async function wordsOf(
  target: Target,
  place: Place,
  texts: readonly string[],
  options: WriteOptions,
  profile: Profile | undefined,
): Promise<Words> {
  if (place.point !== undefined && profile !== undefined) {
    const known = new Known();
    await known.addScale(target, profile, place.point);
    const words = pointWords(profile, place, texts, known.read);
    return isBitTable(place.table) ? Array.from(words, Boolean) : words;
  }
  if (isBitTable(place.table)) return bitsOf(texts);
  return registersOf(texts, { type: options.as ?? "u16", order: options.order });
}

/** Shows what would change; a person at a terminal decides. */
async function confirm(
  context: Context,
  target: Target,
  place: Place,
  words: Words,
  options: WriteOptions,
): Promise<void> {
  if (options.yes || !context.terminal.isInteractive) return;
  const old = target.broadcast ? undefined : await currentWords(target, place, words.length);
  const who = target.broadcast ? "every device" : `unit ${target.unit}`;
  context.note(`${who} at ${target.client.peer}${place.point === undefined ? "" : `, point ${place.point.id}`}`);
  for (const [index, word] of words.entries()) {
    context.note(
      `  ${addressText(place.table, place.address + index)}: ${old?.[index] ?? "unknown"} → ${Number(word)}`,
    );
  }
  if (await askYes(context.terminal, "Write this?")) return;
  throw new CliError("ERR_DECLINED", "nothing was written", 1);
}

/** Not every device tells what it takes: then the old value is unknown, and no reason to refuse. */
async function currentWords(target: Target, place: Place, count: number): Promise<number[] | undefined> {
  try {
    return Array.from(await readWords(target, { table: place.table, address: place.address, count }), Number);
  } catch {
    return undefined;
  }
}

async function send({ client, unit }: Target, { address }: Place, words: Words): Promise<void> {
  const options = { unit };
  if (words instanceof Uint16Array) {
    if (words.length === 1) await client.writeRegister(address, words[0] ?? 0, options);
    else await client.writeRegisters(address, words, options);
  } else if (words.length === 1) await client.writeCoil(address, words[0] ?? false, options);
  else await client.writeCoils(address, words, options);
}
