import { putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { FILE_REFERENCE, MAX_FILE_WRITE_BYTES } from "../limits.ts";
import type { FileRecord, WriteFileRecord } from "./file-messages.ts";
import { checkFileRecord, expectFileRecord } from "./file-record.ts";
import { checkRange, type Direction, expectLength, refuse } from "./refuse.ts";

/** Reference type, file, record and length stand before the registers of each record. */
const GROUP_HEADER = 7;

function size(message: WriteFileRecord): number {
  let total = 2;
  for (const record of message.records) total += GROUP_HEADER + 2 * record.values.length;
  return total;
}

function recordsFrom(direction: Direction, bytes: Uint8Array, at: number, end: number): FileRecord[] {
  const records: FileRecord[] = [];
  for (let offset = at; offset < end; ) {
    if (end - offset < GROUP_HEADER) refuse(direction, 3, `${end - offset} bytes are too few for a record`);
    const length = uint16(bytes, offset + 5);
    const next = offset + GROUP_HEADER + 2 * length;
    if (length === 0) refuse(direction, 3, "a record of no registers");
    if (next > end) refuse(direction, 3, `a record of ${length} registers is longer than the PDU`);
    records.push({
      file: uint16(bytes, offset + 1),
      record: uint16(bytes, offset + 3),
      values: registersFrom(bytes, offset + GROUP_HEADER, length),
    });
    offset = next;
  }
  return records;
}

function codec(direction: Direction): Codec<WriteFileRecord> {
  return freeze({
    kind: "write-file-record",
    functionCode: 21,
    size,
    encode(message, out, at) {
      for (const { file, record, values } of message.records) checkFileRecord(file, record, values.length);
      const length = size(message) - 2;
      checkRange(length, GROUP_HEADER + 2, MAX_FILE_WRITE_BYTES, "data length");
      out[at] = 21;
      out[at + 1] = length;
      let offset = at + 2;
      for (const { file, record, values } of message.records) {
        out[offset] = FILE_REFERENCE;
        putUint16(out, offset + 1, file);
        putUint16(out, offset + 3, record);
        putUint16(out, offset + 5, values.length);
        offset = putRegisters(out, offset + GROUP_HEADER, values);
      }
      return offset;
    },
    decode(bytes, at, end) {
      if (end - at < 2) refuse(direction, 3, "the data length is missing");
      const length = bytes[at + 1]!;
      if (length < GROUP_HEADER + 2 || length > MAX_FILE_WRITE_BYTES) {
        refuse(direction, 3, `data length ${length} is outside ${GROUP_HEADER + 2} to ${MAX_FILE_WRITE_BYTES}`);
      }
      expectLength(direction, at, end, 2 + length);
      const records = recordsFrom(direction, bytes, at + 2, end);
      let offset = at + 2;
      for (const { file, record, values } of records) {
        expectFileRecord(direction, bytes[offset]!, file, record, values.length);
        offset += GROUP_HEADER + 2 * values.length;
      }
      return { kind: "write-file-record", records };
    },
    describe: (message) => `write ${message.records.length} file records`,
  });
}

/** Write file records; the response repeats the whole request. Structure (03) is judged before addresses (02). § 6.15 */
export const writeFileRecordRequest: Codec<WriteFileRecord> = codec("request");
export const writeFileRecordResponse: Codec<WriteFileRecord> = codec("response");
