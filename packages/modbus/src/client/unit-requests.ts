import type { FileRecord, FileRecordReference } from "@modwarden/protocol";
import { DiagnosticRequests } from "./diagnostics.ts";
import { type IdentificationCategory, individualAccess, walkIdentification } from "./identification.ts";
import { toRegisters } from "./registers.ts";
import { checkIdLength, readServerId, type ServerId } from "./server-id.ts";
import { TypedRequests } from "./typed-requests.ts";

/** What a device says of its commands (function 11). */
export interface EventCounter {
  /** An earlier command is still being worked on. */
  readonly busy: boolean;
  /** Commands carried out; exceptions and the fetching of this counter do not count. */
  readonly eventCount: number;
}

/** The same with the latest events, at most 64 bytes, the newest first (function 12). */
export interface EventLog extends EventCounter {
  readonly messageCount: number;
  readonly events: Uint8Array;
}

/**
 * One method per thing to ask. Addresses are 0-based, results exactly as long as asked.
 * All reject with `ERR_MODBUS_EXCEPTION` (`ExceptionResponseError`) when the device answers with an exception,
 * `ERR_MODBUS_BAD_REQUEST` or `ERR_MODBUS_BAD_VALUE` for arguments outside the limits,
 * `ERR_MODBUS_BAD_RESPONSE` for an answer that does not fit the question, `ERR_MODBUS_TIMEOUT`,
 * `ERR_MODBUS_ABORTED`, `ERR_MODBUS_QUEUE_FULL`, and `ERR_MODBUS_CLOSED` or `ERR_MODBUS_REFUSED` when the
 * connection ends.
 */
export class UnitRequests<O> extends TypedRequests<O> {
  #diagnostics: DiagnosticRequests<O> | undefined;

  /** Function 8, a method per sub-function. */
  get diagnostics(): DiagnosticRequests<O> {
    this.#diagnostics ??= new DiagnosticRequests(this.sender);
    return this.#diagnostics;
  }

  /** Eight outputs of the device's own choice, one bit each. MODBUS Application Protocol V1.1b3 § 6.7 */
  async readExceptionStatus(options?: O): Promise<number> {
    return (await this.sender.request({ kind: "read-exception-status" }, options)).status;
  }

  /** § 6.9 */
  async getCommEventCounter(options?: O): Promise<EventCounter> {
    const { status, eventCount } = await this.sender.request({ kind: "get-comm-event-counter" }, options);
    return { busy: status !== 0, eventCount };
  }

  /** § 6.10 */
  async getCommEventLog(options?: O): Promise<EventLog> {
    const { status, eventCount, messageCount, events } = await this.sender.request(
      { kind: "get-comm-event-log" },
      options,
    );
    return { busy: status !== 0, eventCount, messageCount, events };
  }

  /** How many bytes the id has, only the device's manual says: `idLength`, default 1. § 6.13 */
  async reportServerId(options?: O & { readonly idLength?: number }): Promise<ServerId> {
    const { idLength = 1 } = options ?? {};
    checkIdLength(idLength);
    const { data } = await this.sender.request({ kind: "report-server-id" }, options);
    return readServerId(data, idLength);
  }

  /** `length` registers from `record` (0-9999) of `file` (1-65535). § 6.14 */
  async readFileRecord(file: number, record: number, length: number, options?: O): Promise<Uint16Array> {
    const [values] = await this.readFileRecords([{ file, record, length }], options);
    return values!;
  }

  /** Records of any files with one request; its answer has room for 121 registers, one less for every record more. */
  async readFileRecords(records: readonly FileRecordReference[], options?: O): Promise<readonly Uint16Array[]> {
    return (await this.sender.request({ kind: "read-file-record", records }, options)).records;
  }

  /** § 6.15 */
  async writeFileRecord(file: number, record: number, values: ArrayLike<number>, options?: O): Promise<void> {
    await this.writeFileRecords([{ file, record, values: toRegisters(values) }], options);
  }

  async writeFileRecords(records: readonly FileRecord[], options?: O): Promise<void> {
    // The answer is compared with them, whatever their caller does with the arrays meanwhile.
    const kept = records.map(({ file, record, values }) => ({ file, record, values: values.slice() }));
    await this.sender.request({ kind: "write-file-record", records: kept }, options);
  }

  /** The registers in the queue behind a pointer register, at most 31; reading does not empty it. § 6.18 */
  async readFifoQueue(address: number, options?: O): Promise<Uint16Array> {
    return (await this.sender.request({ kind: "read-fifo-queue", address }, options)).values;
  }

  /** CANopen bytes there and back (function 43/13). § 6.20 */
  async canopenGeneralReference(data: Uint8Array, options?: O): Promise<Uint8Array> {
    return (await this.sender.request({ kind: "canopen-general-reference", data }, options)).data;
  }

  /** Object id to text, following the device until nothing more follows. Default category: regular. § 6.21 */
  readDeviceIdentification(options?: O & { readonly category?: IdentificationCategory }): Promise<Map<number, string>> {
    return walkIdentification(options?.category ?? "regular", (readDeviceIdCode, objectId) =>
      this.sender.request({ kind: "read-device-identification", readDeviceIdCode, objectId }, options),
    );
  }

  /** One object of the identification, in individual access. § 6.21 */
  async readDeviceObject(objectId: number, options?: O): Promise<string> {
    const { objects } = await this.sender.request(
      { kind: "read-device-identification", readDeviceIdCode: individualAccess, objectId },
      options,
    );
    // The answer has been checked: it is this one object.
    return new TextDecoder().decode(objects[0]!.value);
  }
}
