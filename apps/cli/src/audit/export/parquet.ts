import {
  type AuditRecord,
  type Cell,
  type Column,
  type ExportContext,
  exportColumns,
  exportRows,
} from "@modwarden/audit";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { OutputFile } from "./output-file.ts";
import type { Sink } from "./sink.ts";

/** Rows of one group: what is held in memory at a time. */
const GROUP_ROWS = 20_000;

const types: Readonly<Record<Column["type"], Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT64" },
  number: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
};

/** The time of a record, as time: its text has microseconds, and so has this. */
const TIME = "time";

/** A Parquet file of the rows that CSV has, in groups. It appears whole or not at all. Throws ERR_FILE. */
export function parquetSink(context: ExportContext, path: string, groupRows: number = GROUP_ROWS): Sink {
  const file = new OutputFile(path);
  const bytes = new ByteWriter();
  // The writer counts offsets of the file by itself; what is on its way to the file need not stay here.
  const flush = (): void => {
    file.write(Buffer.from(bytes.getBytes()));
    bytes.index = 0;
  };
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: schema(),
    createdBy: `modwarden ${context.version}`,
    kvMetadata: [{ key: "modwarden.log", value: context.log }],
  });
  let columns: unknown[][] = exportColumns.map(() => []);
  let rows = 0;
  const write = (): void => {
    if (rows > 0) {
      // A writer into memory is done when it returns.
      void parquet.write({
        columnData: exportColumns.map(({ name }, at) => ({ name, data: columns[at] ?? [] })),
        rowGroupSize: rows,
      });
    }
    columns = exportColumns.map(() => []);
    rows = 0;
    flush();
  };
  return {
    write(record: AuditRecord) {
      for (const row of exportRows(record)) {
        for (const [at, cell] of row.entries()) columns[at]?.push(storedOf(exportColumns[at], cell));
        rows += 1;
      }
      if (rows >= groupRows) write();
      return true;
    },
    finish() {
      write();
      void parquet.finish();
      flush();
      file.finish();
    },
    abandon: () => file.abandon(),
  };
}

function schema(): SchemaElement[] {
  return [
    { name: "root", num_children: exportColumns.length },
    ...exportColumns.map(({ name, type }): SchemaElement => {
      const element = name === TIME ? ({ type: "INT64", converted_type: "TIMESTAMP_MICROS" } as const) : types[type];
      return { name, repetition_type: "OPTIONAL", ...element };
    }),
  ];
}

function storedOf(column: Column | undefined, cell: Cell): unknown {
  if (cell === null || column === undefined) return null;
  if (column.name === TIME) return microseconds(String(cell));
  return column.type === "integer" ? BigInt(Number(cell)) : cell;
}

function microseconds(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1000n + BigInt(time.slice(20, 26));
}
