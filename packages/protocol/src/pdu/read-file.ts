import { putRegisters, putUint16, registersFrom, uint16 } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { FILE_REFERENCE, MAX_FILE_READ_BYTES } from "../limits.ts";
import type { FileRecordReference, ReadFileRecordRequest, ReadFileRecordResponse } from "./file-messages.ts";
import { checkFileRecord, expectFileRecord } from "./file-record.ts";
import { checkRange, expectLength, refuse } from "./refuse.ts";

/** Bytes of one group in the request: reference type, file, record, length. */
const GROUP = 7;
/** Each record of the response has its length and the reference type before its registers. */
const RECORD_HEADER = 2;

/** Bytes that the answer's records take. One that would be too long is refused before it is built, with 03. */
function answerBytes(records: readonly FileRecordReference[]): number {
  let total = 0;
  for (const record of records) total += RECORD_HEADER + 2 * record.length;
  return total;
}

/** Read file records. Structure (03) is judged for all groups before any address (02). V1.1b3 § 6.14 */
export const readFileRecordRequest: Codec<ReadFileRecordRequest> = freeze({
  kind: "read-file-record",
  functionCode: 20,
  size: (message) => 2 + GROUP * message.records.length,
  encode(message, out, at) {
    const { records } = message;
    checkRange(records.length, 1, Math.floor(MAX_FILE_READ_BYTES / GROUP), "number of records");
    for (const { file, record, length } of records) checkFileRecord(file, record, length);
    checkRange(answerBytes(records), 0, MAX_FILE_READ_BYTES, "bytes of the answer");
    out[at] = 20;
    out[at + 1] = GROUP * records.length;
    let offset = at + 2;
    for (const { file, record, length } of records) {
      out[offset] = FILE_REFERENCE;
      putUint16(out, offset + 1, file);
      putUint16(out, offset + 3, record);
      offset = putUint16(out, offset + 5, length);
    }
    return offset;
  },
  decode(bytes, at, end) {
    if (end - at < 2) refuse("request", 3, "the byte count is missing");
    const count = bytes[at + 1]!;
    if (count < GROUP || count > MAX_FILE_READ_BYTES || count % GROUP !== 0) {
      refuse("request", 3, `byte count ${count} is not a multiple of ${GROUP} up to ${MAX_FILE_READ_BYTES}`);
    }
    expectLength("request", at, end, 2 + count);
    const records: FileRecordReference[] = [];
    for (let offset = at + 2; offset < end; offset += GROUP) {
      const length = uint16(bytes, offset + 5);
      if (length === 0) refuse("request", 3, "a record of no registers");
      records.push({ file: uint16(bytes, offset + 1), record: uint16(bytes, offset + 3), length });
    }
    const answer = answerBytes(records);
    if (answer > MAX_FILE_READ_BYTES) refuse("request", 3, `the answer would have ${answer} bytes of records`);
    for (let index = 0; index < records.length; index++) {
      const { file, record, length } = records[index]!;
      expectFileRecord("request", bytes[at + 2 + GROUP * index]!, file, record, length);
    }
    return { kind: "read-file-record", records };
  },
  describe: (message) => `read ${message.records.length} file records`,
});

/** The specification's lower bound of 7 bytes contradicts its own layout and is not asked for. § 6.14 */
export const readFileRecordResponse: Codec<ReadFileRecordResponse> = freeze({
  kind: "read-file-record",
  functionCode: 20,
  size: (message) => message.records.reduce((size, values) => size + RECORD_HEADER + 2 * values.length, 2),
  encode(message, out, at) {
    const { records } = message;
    let offset = at + 2;
    for (const values of records) {
      checkRange(values.length, 1, MAX_FILE_READ_BYTES >>> 1, "record length");
      offset += RECORD_HEADER + 2 * values.length;
    }
    checkRange(offset - at - 2, 1, MAX_FILE_READ_BYTES, "byte count");
    out[at] = 20;
    out[at + 1] = offset - at - 2;
    offset = at + 2;
    for (const values of records) {
      out[offset] = 1 + 2 * values.length;
      out[offset + 1] = FILE_REFERENCE;
      offset = putRegisters(out, offset + RECORD_HEADER, values);
    }
    return offset;
  },
  decode(bytes, at, end) {
    if (end - at < 2) refuse("response", 3, "the byte count is missing");
    const count = bytes[at + 1]!;
    if (count < 1 || count > MAX_FILE_READ_BYTES) refuse("response", 3, `byte count ${count} is outside 1 to 245`);
    expectLength("response", at, end, 2 + count);
    const records: Uint16Array[] = [];
    for (let offset = at + 2; offset < end; ) {
      const length = bytes[offset]!;
      if (length < 3 || length % 2 !== 1) refuse("response", 3, `record length ${length} is not odd and above 2`);
      if (offset + 1 + length > end) refuse("response", 3, "a record is longer than the response");
      if (bytes[offset + 1] !== FILE_REFERENCE) refuse("response", 3, `reference type ${bytes[offset + 1]} is not 6`);
      records.push(registersFrom(bytes, offset + RECORD_HEADER, (length - 1) / 2));
      offset += 1 + length;
    }
    return { kind: "read-file-record", records };
  },
  describe: (message) => `${message.records.length} file records`,
});
