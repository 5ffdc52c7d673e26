import type { CapturedItem, CapturedTransaction } from "../index.ts";

/** What tshark and this reader both say of the ADUs of one frame: lists, one number an ADU that has the field. */
export interface FrameReading {
  readonly transactions: string;
  readonly units: string;
  readonly functions: string;
  readonly exceptions: string;
  readonly addresses: string;
  readonly words: string;
  readonly bits: string;
}

type Column = keyof FrameReading;

const columns: Readonly<Record<Column, string>> = {
  transactions: "mbtcp.trans_id",
  units: "mbtcp.unit_id",
  functions: "modbus.func_code",
  exceptions: "modbus.exception_code",
  addresses: "modbus.reference_num",
  words: "modbus.word_cnt",
  bits: "modbus.bit_cnt",
};

/** Frames with ADUs of a field dump of tshark, one row a frame, the values of several ADUs separated by semicolons. */
export function tsharkFrames(table: string): Map<number, FrameReading> {
  const { rows, indexOf } = read(table);
  const places = Object.entries(columns).map(([column, name]) => [column, indexOf(name)] as const);
  const frames = new Map<number, FrameReading>();
  const transaction = indexOf(columns.transactions);
  for (const row of rows) {
    if (row[transaction] === "") continue;
    const entries = places.map(([column, place]) => [column, row[place] ?? ""]);
    frames.set(Number(row[0]), Object.fromEntries(entries));
  }
  return frames;
}

/** The request frames of each frame with responses that tshark pairs, as the list in which it names them. */
export function tsharkPairs(table: string): Map<number, string> {
  const { rows, indexOf } = read(table);
  const request = indexOf("modbus.request_frame");
  return new Map(rows.filter((row) => row[request] !== "").map((row) => [Number(row[0]), row[request]!]));
}

function read(table: string): { readonly rows: readonly string[][]; indexOf(name: string): number } {
  const lines = table.split("\n").filter((line) => line !== "");
  const [header = [], ...rows] = lines.map((line) => line.split("\t"));
  return { rows, indexOf: (name) => header.indexOf(name) };
}

/** The same of this reader's items. */
export function readFrames(items: Iterable<CapturedItem>): Map<number, FrameReading> {
  const frames = new Map<number, Record<Column, string[]>>();
  const add = (
    frame: number | null,
    transaction: CapturedTransaction,
    fields: Partial<Record<Column, number>>,
  ): void => {
    if (frame === null) return;
    const lists = frames.get(frame) ?? emptyLists();
    frames.set(frame, lists);
    const head = {
      transactions: transaction.transaction,
      units: transaction.unit,
      functions: transaction.functionCode & 0x7f,
    };
    for (const [column, value] of Object.entries({ ...head, ...fields })) lists[column as Column].push(String(value));
  };
  for (const item of items) {
    if (item.kind !== "transaction") continue;
    add(item.requestFrame, item, requestFields(item));
    add(item.responseFrame, item, responseFields(item));
  }
  const joined = (lists: Record<Column, string[]>): FrameReading =>
    Object.fromEntries(
      Object.entries(lists).map(([column, list]) => [column, list.join(";")]),
    ) as unknown as FrameReading;
  return new Map([...frames].map(([frame, lists]) => [frame, joined(lists)]));
}

function emptyLists(): Record<Column, string[]> {
  return { transactions: [], units: [], functions: [], exceptions: [], addresses: [], words: [], bits: [] };
}

function requestFields({ request }: CapturedTransaction): Partial<Record<Column, number>> {
  switch (request?.kind) {
    case "read-coils":
    case "read-discrete-inputs":
      return { addresses: request.address, bits: request.quantity };
    case "read-holding-registers":
    case "read-input-registers":
      return { addresses: request.address, words: request.quantity };
    case "write-single-coil":
    case "write-single-register":
    case "mask-write-register":
    case "read-fifo-queue":
      return { addresses: request.address };
    case "write-multiple-coils":
      return { addresses: request.address, bits: request.coils.length };
    case "write-multiple-registers":
      return { addresses: request.address, words: request.values.length };
    default:
      return {};
  }
}

function responseFields({ response, exception }: CapturedTransaction): Partial<Record<Column, number>> {
  if (exception !== null) return { exceptions: exception };
  switch (response?.kind) {
    case "write-single-coil":
    case "write-single-register":
    case "mask-write-register":
      return { addresses: response.address };
    case "write-multiple-coils":
      return { addresses: response.address, bits: response.quantity };
    case "write-multiple-registers":
      return { addresses: response.address, words: response.quantity };
    case "read-fifo-queue":
      return { words: response.values.length };
    default:
      return {};
  }
}
