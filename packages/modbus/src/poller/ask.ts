import { BadResponseError, ExceptionResponseError, ModbusError } from "@modwarden/protocol";
import type { RequestOptions } from "../client/sender.ts";
import type { StateListener } from "../client/state.ts";
import type { UnitRequests } from "../client/unit-requests.ts";
import type { ReadBlock } from "./group.ts";
import type { PollTable } from "./point.ts";

/** What a poller needs of a client. One that tells its state is asked again as soon as it is connected. */
export interface PollClient
  extends Pick<
    UnitRequests<RequestOptions>,
    "readCoils" | "readDiscreteInputs" | "readHoldingRegisters" | "readInputRegisters"
  > {
  onState?(listener: StateListener): () => void;
}

/** Registers as numbers, or bits as booleans. */
export type Words = ArrayLike<number | boolean>;

/** Reads a block. Rejects with nothing but `ModbusError`. */
export async function ask(client: PollClient, block: ReadBlock, signal: AbortSignal): Promise<Words> {
  const { unit, table, timeoutMs } = block.group.key;
  const options = {
    signal,
    ...(unit === undefined ? {} : { unit }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  let words: Words;
  try {
    words = await readTable(client, table, block.address, block.count, options);
  } catch (error) {
    throw asModbusError(error);
  }
  if (words.length === block.count) return words;
  throw new BadResponseError(`${block.count} values of ${table} ${block.address} were asked for, ${words.length} came`);
}

function readTable(
  client: PollClient,
  table: PollTable,
  address: number,
  count: number,
  options: RequestOptions,
): Promise<Words> {
  switch (table) {
    case "coil":
      return client.readCoils(address, count, options);
    case "discrete":
      return client.readDiscreteInputs(address, count, options);
    case "holding":
      return client.readHoldingRegisters(address, count, options);
    case "input":
      return client.readInputRegisters(address, count, options);
  }
}

function asModbusError(error: unknown): ModbusError {
  if (error instanceof ModbusError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new BadResponseError(`the client failed: ${reason}`, { cause: error });
}

/** What a failure says about the unit and the bus. */
export function meaningOf(error: ModbusError): "silent" | "down" | "refused" | "failed" {
  switch (error.code) {
    case "ERR_MODBUS_TIMEOUT":
      return "silent";
    case "ERR_MODBUS_NO_CONNECTION":
    case "ERR_MODBUS_CLOSED":
    case "ERR_MODBUS_REFUSED":
      return "down";
    case "ERR_MODBUS_EXCEPTION": {
      const exception = error instanceof ExceptionResponseError ? error.exception : 0;
      // 10 and 11 are a gateway's words for a unit without a path and one that does not answer. § 7
      if (exception === 10 || exception === 11) return "silent";
      return exception === 2 || exception === 3 ? "refused" : "failed";
    }
    default:
      return "failed";
  }
}
