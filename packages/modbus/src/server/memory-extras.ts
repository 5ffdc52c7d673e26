import { MAX_PDU, ModbusError } from "@modwarden/protocol";
import { type HandlerMethods, ServerException } from "./handler.ts";
import type { MemoryTables } from "./memory-handler.ts";

/** Record numbers go from 0 to 9999. MODBUS Application Protocol V1.1b3 § 6.14 */
const longestFile = 10_000;
/** Registers in one answer of function 24. § 6.18 */
const longestQueue = 31;

/** The functions that a memory device has only when it was given something for them. */
export function extraMethods(options: MemoryTables): HandlerMethods {
  const { exceptionStatus, serverId, files, queues, canopen } = options;
  return {
    ...(exceptionStatus === undefined ? {} : status(exceptionStatus)),
    ...(serverId === undefined ? {} : identity(serverId)),
    ...(files === undefined ? {} : fileMethods(files)),
    ...(queues === undefined ? {} : queueMethods(queues)),
    ...(canopen === undefined
      ? {}
      : { "canopen-general-reference": ({ kind, data }) => ({ kind, data: canopen(data) }) }),
  };
}

function status(given: number | (() => number)): HandlerMethods {
  const tell = typeof given === "function" ? given : () => given;
  if (typeof given === "number" && !(Number.isInteger(given) && given >= 0 && given <= 0xff)) {
    throw bad(`an exception status is 0 to 255, not ${given}`);
  }
  return { "read-exception-status": ({ kind }) => ({ kind, status: tell() }) };
}

function identity(data: Uint8Array): HandlerMethods {
  if (data.length < 1 || data.length > MAX_PDU - 2) throw bad(`a server id has 1 to ${MAX_PDU - 2} bytes`);
  return { "report-server-id": ({ kind }) => ({ kind, data }) };
}

function fileMethods(files: ReadonlyMap<number, Uint16Array>): HandlerMethods {
  for (const [number, registers] of files) {
    if (!Number.isInteger(number) || number < 1 || number > 0xffff) throw bad(`file ${number} cannot be`);
    if (registers.length > longestFile) throw bad(`file ${number} has more than ${longestFile} registers`);
  }
  const find = (number: number, record: number, length: number): Uint16Array => {
    const file = files.get(number);
    if (file === undefined || record + length > file.length) throw new ServerException(2);
    return file;
  };
  return {
    "read-file-record": ({ kind, records }) => ({
      kind,
      records: records.map(({ file, record, length }) => find(file, record, length).slice(record, record + length)),
    }),
    "write-file-record": (request) => {
      // All of it is judged before anything of it is done.
      const found = request.records.map(({ file, record, values }) => find(file, record, values.length));
      for (const [index, { record, values }] of request.records.entries()) found[index]!.set(values, record);
      return request;
    },
  };
}

function queueMethods(queues: ReadonlyMap<number, ArrayLike<number>>): HandlerMethods {
  return {
    "read-fifo-queue": ({ kind, address }) => {
      const queue = queues.get(address);
      if (queue === undefined) throw new ServerException(2);
      if (queue.length > longestQueue) throw new ServerException(3);
      return { kind, values: Uint16Array.from(queue) };
    },
  };
}

function bad(reason: string): ModbusError {
  return new ModbusError("ERR_MODBUS_BAD_VALUE", reason);
}
