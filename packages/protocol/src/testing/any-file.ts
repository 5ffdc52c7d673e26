import type {
  FileRecord,
  FileRecordReference,
  ReadFileRecordRequest,
  ReadFileRecordResponse,
  WriteFileRecord,
} from "../index.ts";
import type { Integers } from "./integers.ts";

export function anyFileRead(from: Integers): ReadFileRecordRequest {
  const records: FileRecordReference[] = [];
  let room = 0xf5;
  for (let count = from.length(1, 35); count > 0 && room >= 4; count--) {
    const length = from.length(1, (room - 2) >>> 1);
    records.push({ file: from.between(1, 0xffff), record: from.between(0, 10_000 - length), length });
    room -= 2 + 2 * length;
  }
  return { kind: "read-file-record", records };
}

export function anyFileReadAnswer(from: Integers): ReadFileRecordResponse {
  const { records } = anyFileRead(from);
  return { kind: "read-file-record", records: records.map(({ length }) => from.registers(length)) };
}

export function anyFileWrite(from: Integers): WriteFileRecord {
  const records: FileRecord[] = [];
  let room = 0xfb;
  for (let count = from.length(1, 27); count > 0 && room >= 9; count--) {
    const length = from.length(1, (room - 7) >>> 1);
    records.push({
      file: from.between(1, 0xffff),
      record: from.between(0, 10_000 - length),
      values: from.registers(length),
    });
    room -= 7 + 2 * length;
  }
  return { kind: "write-file-record", records };
}
