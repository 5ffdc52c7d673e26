/**
 * One language for every client, ours and the peers': a line of numbers that begins with the function code, and a
 * line that answers it. So one list of questions can be put to any client in front of any server.
 *
 *   1-4 ADDRESS QUANTITY                    = VALUE …
 *   5, 6 ADDRESS VALUE                      =
 *   7                                       = STATUS
 *   8 SUBFUNCTION WORD …                    = WORD …
 *   11                                      = STATUS COUNT
 *   12                                      = STATUS COUNT MESSAGES EVENT …
 *   15, 16 ADDRESS VALUE …                  =
 *   17                                      = BYTE …
 *   20 FILE RECORD LENGTH                   = VALUE …
 *   21 FILE RECORD VALUE …                  =
 *   22 ADDRESS AND OR                       =
 *   23 ADDRESS QUANTITY ADDRESS VALUE …     = VALUE …
 *   24 ADDRESS                              = VALUE …
 *   43 CODE OBJECT                          = OBJECT:TEXT …
 *   65-72, 100-110 BYTE …                   = BYTE …
 *   0 BYTE …  a PDU as it is                = BYTE …
 *
 * `! CODE` stands for an exception, `? TEXT` for every other failure.
 */
import type { Client, UnitView } from "@modwarden/modbus";
import { ExceptionResponseError, ModbusError } from "@modwarden/protocol";
import { type Program, startProgram } from "./program.ts";

/** Puts a question and resolves to the answer; never rejects because of what a server does. */
export type Drive = (question: string) => Promise<string>;

/** A peer's client as a child process. */
export interface PeerClient {
  readonly drive: Drive;
  readonly program: Program;
}

/** Starts a peer's client and waits until it is connected. */
export async function startClient(command: string, args: readonly string[]): Promise<PeerClient> {
  const program = startProgram(command, args);
  await program.line((text) => text.startsWith("ready"));
  return { program, drive: (question) => program.ask(question) };
}

/** Our own client, put the same questions. */
export function driveClient(client: Client | UnitView): Drive {
  return async (question) => {
    const [code, ...words] = question.split(" ").map(Number);
    try {
      const answer = await ask(client, code!, words);
      return ["=", ...answer].join(" ");
    } catch (error) {
      if (error instanceof ExceptionResponseError) return `! ${error.exception}`;
      if (error instanceof ModbusError) return `? ${error.code}`;
      throw error;
    }
  };
}

async function ask(
  client: Client | UnitView,
  code: number,
  words: readonly number[],
): Promise<Iterable<number | string>> {
  const [address = 0, quantity = 0, ...more] = words;
  const given = words.slice(1);
  switch (code) {
    case 0:
      return client.raw(Uint8Array.from(words));
    case 1:
      return (await client.readCoils(address, quantity)).map(Number);
    case 2:
      return (await client.readDiscreteInputs(address, quantity)).map(Number);
    case 3:
      return client.readHoldingRegisters(address, quantity);
    case 4:
      return client.readInputRegisters(address, quantity);
    case 5:
      await client.writeCoil(address, quantity !== 0);
      return [];
    case 6:
      await client.writeRegister(address, quantity);
      return [];
    case 7:
      return [await client.readExceptionStatus()];
    case 8: {
      const data = Uint8Array.from(given.flatMap((word) => [word >> 8, word & 0xff]));
      const answered = await client.request({ kind: "diagnostics", subFunction: address, data });
      return given.map((_, index) => answered.data[2 * index]! * 256 + answered.data[2 * index + 1]!);
    }
    case 11: {
      const { status, eventCount } = await client.request({ kind: "get-comm-event-counter" });
      return [status, eventCount];
    }
    case 12: {
      const { status, eventCount, messageCount, events } = await client.request({ kind: "get-comm-event-log" });
      return [status, eventCount, messageCount, ...events];
    }
    case 15:
      await client.writeCoils(
        address,
        given.map((value) => value !== 0),
      );
      return [];
    case 16:
      await client.writeRegisters(address, given);
      return [];
    case 17:
      return (await client.request({ kind: "report-server-id" })).data;
    case 20:
      return client.readFileRecord(address, quantity, more[0]!);
    case 21:
      await client.writeFileRecord(address, quantity, more);
      return [];
    case 22:
      await client.maskWriteRegister(address, quantity, more[0]!);
      return [];
    case 23:
      return client.readWriteRegisters({ address, quantity }, { address: more[0]!, values: more.slice(1) });
    case 24:
      return client.readFifoQueue(address);
    case 43: {
      const request = { kind: "read-device-identification", readDeviceIdCode: address, objectId: quantity } as const;
      const { objects } = await client.request(request);
      return objects.map(({ id, value }) => `${id}:${new TextDecoder().decode(value)}`);
    }
    default:
      return (await client.request({ kind: "user-defined", functionCode: code, data: Uint8Array.from(words) })).data;
  }
}
