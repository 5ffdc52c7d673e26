/** The messages of the file record functions. MODBUS Application Protocol V1.1b3 § 6.14, § 6.15 */

/** `length` counts registers. */
export interface FileRecordReference {
  readonly file: number;
  readonly record: number;
  readonly length: number;
}
export interface FileRecord {
  readonly file: number;
  readonly record: number;
  readonly values: Uint16Array;
}
export interface ReadFileRecordRequest {
  readonly kind: "read-file-record";
  readonly records: readonly FileRecordReference[];
}
/** The registers of each record, in the order of the request. */
export interface ReadFileRecordResponse {
  readonly kind: "read-file-record";
  readonly records: readonly Uint16Array[];
}
/** Request and response: the response repeats the request. */
export interface WriteFileRecord {
  readonly kind: "write-file-record";
  readonly records: readonly FileRecord[];
}
