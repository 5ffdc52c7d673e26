import {
  decodePoint,
  isBitTable,
  type Point,
  type PointReading,
  type PointValue,
  type Profile,
} from "@modwarden/profile";
import type { ValueType, WordOrder } from "@modwarden/protocol";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { valueType, wordOrder } from "../frame/options.ts";
import { aligned } from "../frame/table.ts";
import { Known, readWords } from "../request/known.ts";
import { addressText, checkType, type Place, placeOf, tableOf } from "../request/place.ts";
import { profileOf, type Target, type TargetOptions, URL_HELP, withClient, withTarget } from "../request/target.ts";
import { textOf, valuesOf } from "../request/values.ts";

interface ReadOptions extends TargetOptions {
  readonly as?: ValueType;
  readonly order: WordOrder;
  readonly profile?: string;
  readonly json?: true;
}

export function readCommand(context: Context): Command {
  const command = createCommand("read", {
    summary: "Reads registers or bits with one request",
    examples: [
      ["modwarden read modbus+tcp://127.0.0.1:5020 holding 0-9", "ten holding registers"],
      ["modwarden read modbus+tcp://127.0.0.1:5020 input 52 --as f32", "a float in two input registers"],
      [
        "modwarden read modbus+tcp://127.0.0.1:5020 holding setpoint --unit 3 --profile danfoss-fc51",
        "a point by its name, in its own unit",
      ],
      ["modwarden read 'modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3' holding 0", "a device on a serial line"],
      [
        "modwarden read modbus+tls://gw1.plant.example holding 0 --identity ~/hmi-2",
        "through a gateway, as who you are",
      ],
    ],
    more: "The first three have somebody to ask while `modwarden sim memory` runs. TABLE is coil, discrete, holding or input. ADDRESS counts from 0, as on the wire; 40001 is holding 0.",
  });
  withTarget(withJson(command))
    .argument("<URL>", URL_HELP)
    .argument("<TABLE>", "coil, discrete, holding or input", tableOf)
    .argument("<ADDRESS[-LAST]>", "an address, a range, or with --profile a point's name")
    .option("--as <TYPE>", "type of the values (default: u16)", valueType)
    .option("--order <ORDER>", "word order: ABCD, CDAB, BADC, DCBA", wordOrder, "ABCD")
    .option("--profile <P>", "a built-in profile or a device file: names points and decodes them")
    .action(async (url: string, table: Point["table"], at: string, options: ReadOptions) => {
      const profile = options.profile === undefined ? undefined : profileOf(options.profile);
      checkType(table, options.as);
      const place = placeOf(table, at, options.as, profile);
      const found = await withClient(context, url, options, (target) => readPlace(target, place, options, profile));
      if (options.json) context.json(found.document);
      else for (const line of found.lines) context.print(line);
    });
  return command;
}

interface Found {
  readonly document: object;
  readonly lines: readonly string[];
}

async function readPlace(target: Target, place: Place, options: ReadOptions, profile?: Profile): Promise<Found> {
  const { table, address, quantity } = place;
  const words = await readWords(target, { table, address, count: quantity });
  const points = profile === undefined ? undefined : await readPoints(target, place, words, profile);
  const head = { unit: target.unit, table, address, quantity };
  const told = points === undefined ? {} : { points: points.map(pointDocument) };
  const pointTexts = pointLines(points ?? []);
  if (isBitTable(table)) {
    const bits = Array.from(words, Boolean);
    const lines = bits.map((bit, index) => `${addressText(table, address + index)}  ${bit ? 1 : 0}`);
    return { document: { ...head, bits, ...told }, lines: pointTexts.length > 0 ? pointTexts : lines };
  }
  const registers = Uint16Array.from(words, Number);
  const named = place.point === undefined ? undefined : points?.find(({ point }) => point === place.point);
  const values =
    named !== undefined && options.as === undefined
      ? [named.reading.value]
      : valuesOf(registers, { type: options.as ?? "u16", order: options.order });
  const document = { ...head, registers: Array.from(registers), values, ...told };
  return { document, lines: pointTexts.length > 0 ? pointTexts : valueLines(place, registers, values, options.as) };
}

interface ReadPoint {
  readonly point: Point;
  readonly reading: PointReading;
}

/** Every point that lies wholly in what was read. */
async function readPoints(
  target: Target,
  place: Place,
  words: ArrayLike<number | boolean>,
  profile: Profile,
): Promise<readonly ReadPoint[]> {
  const { table, address, quantity } = place;
  const known = new Known();
  known.add(table, address, words);
  const inside = (point: Point) => point.address >= address && point.address + point.count <= address + quantity;
  const points = place.point === undefined ? profile.pointsAt(table, address, quantity).filter(inside) : [place.point];
  for (const point of points) await known.addScale(target, profile, point);
  return points.map((point) => ({ point, reading: decodePoint(profile, point, known.read) }));
}

function pointDocument({ point, reading }: ReadPoint): object {
  const unit = point.unit === undefined ? {} : { unit: point.unit };
  return { id: point.id, value: reading.value, text: reading.text, ...unit, quality: reading.quality };
}

function pointLines(points: readonly ReadPoint[]): string[] {
  const rows = points.map(({ point, reading }) => [addressText(point.table, point.address), point.id, reading.text]);
  return aligned(rows);
}

function valueLines(
  place: Place,
  registers: Uint16Array,
  values: readonly (PointValue | null)[],
  type: ValueType | undefined,
): string[] {
  const width = registers.length / values.length;
  const rows = values.map((value, index) => {
    const at = index * width;
    const words = Array.from(registers.subarray(at, at + width), (word) => word.toString(16).padStart(4, "0"));
    return [addressText(place.table, place.address + at), textOf(value, type), `[${words.join(" ")}]`];
  });
  return aligned(rows);
}
