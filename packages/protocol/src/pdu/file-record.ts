import { BadPduError } from "../errors.ts";
import { FILE_RECORDS, FILE_REFERENCE } from "../limits.ts";
import { checkRange, type Direction, refuse } from "./refuse.ts";

/** What the specification checks as an address (02): reference type, file, record, and record + length. § 6.14, § 6.15 */
export function expectFileRecord(
  direction: Direction,
  reference: number,
  file: number,
  record: number,
  length: number,
): void {
  if (reference !== FILE_REFERENCE) refuse(direction, 2, `reference type ${reference} is not ${FILE_REFERENCE}`);
  if (file === 0) refuse(direction, 2, "file 0 does not exist");
  if (record + length > FILE_RECORDS) {
    refuse(direction, 2, `record ${record} with ${length} registers runs beyond record ${FILE_RECORDS - 1}`);
  }
}

/** Guards `encode` with the same limits. */
export function checkFileRecord(file: number, record: number, length: number): void {
  checkRange(file, 1, 0xffff, "file");
  checkRange(record, 0, FILE_RECORDS - 1, "record");
  checkRange(length, 1, 0xffff, "record length");
  if (record + length > FILE_RECORDS) {
    throw new BadPduError(2, `record ${record} with ${length} registers runs beyond record ${FILE_RECORDS - 1}`);
  }
}
