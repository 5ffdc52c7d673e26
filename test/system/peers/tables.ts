/** The same content in every server of these tests, so that every answer is known beforehand. */
import { createMemoryHandler, type HandlerMethods, ServerException } from "@modwarden/modbus";

/** Elements of each table. */
export const SIZE = 2200;

export const coil = (address: number): number => Number(address % 3 === 0);
export const discrete = (address: number): number => Number(address % 5 < 2);
export const holding = (address: number): number => (address * 257 + 3) & 0xffff;
export const input = (address: number): number => (60_000 + address * 7) & 0xffff;

const files = new Map([[4, Uint16Array.from({ length: 200 }, (_, record) => record + 0x0a00)]]);

/** Our device with that content, and with an answer for every function that the server does not answer itself. */
export function createTables(): HandlerMethods {
  return {
    ...createMemoryHandler({
      coils: Uint8Array.from({ length: SIZE }, (_, address) => coil(address)),
      discreteInputs: Uint8Array.from({ length: SIZE }, (_, address) => discrete(address)),
      holdingRegisters: Uint16Array.from({ length: SIZE }, (_, address) => holding(address)),
      inputRegisters: Uint16Array.from({ length: SIZE }, (_, address) => input(address)),
      identification: new Map([
        [0, "modwarden"],
        [1, "peers"],
        [2, "1.0"],
        [3, "https://example.com"],
      ]),
    }),
    "read-exception-status": ({ kind }) => ({ kind, status: 0x6d }),
    "report-server-id": ({ kind }) => ({ kind, data: Uint8Array.of(17, 0xff, 80, 69, 69, 82) }),
    "read-file-record": ({ kind, records }) => ({
      kind,
      records: records.map(({ file, record, length }) => {
        const content = files.get(file);
        if (content === undefined || record + length > content.length) throw new ServerException(2);
        return content.slice(record, record + length);
      }),
    }),
    "write-file-record": (request) => {
      if (request.records.some(({ file }) => !files.has(file))) throw new ServerException(2);
      return request;
    },
    "read-fifo-queue": ({ kind, address }) => {
      if (address !== 0x4de) throw new ServerException(2);
      return { kind, values: Uint16Array.of(0x1b8, 0x1284) };
    },
    "user-defined": (request) => ({ ...request, data: request.data.toReversed() }),
  };
}

/** `count` values of a table from an address. */
export function range(value: (address: number) => number, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => value(address + index));
}
