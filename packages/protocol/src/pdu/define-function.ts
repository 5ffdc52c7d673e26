import { BadPduError, BadResponseError, ModbusError } from "../errors.ts";
import { MAX_PDU } from "../limits.ts";
import { isUserDefined } from "./function-codes.ts";
import type { UserDefined } from "./messages.ts";
import { type Direction, refuse } from "./refuse.ts";

/** Bytes behind the function code. */
const MAX_DATA = MAX_PDU - 1;

/** What one direction of a user-defined function carries: the bytes behind the function code, and what they mean. */
export interface UserMessage<Message> {
  /** At most 252 bytes. */
  encode(message: Message): Uint8Array;
  /** Whatever it throws means that the data is malformed; a BadPduError says which exception a server answers. */
  decode(data: Uint8Array): Message;
  /**
   * How many bytes of data the message has in all, judged by its first bytes; undefined while more of them are needed,
   * a negative number when no message starts like this. RTU has no length field, so that only a function that says this
   * is recognised as soon as it is complete; without it, the silence behind the frame ends it.
   */
  length?(data: Uint8Array): number | undefined;
}

export interface UserFunctionDefinition<Request, Response> {
  /** 65-72 or 100-110. */
  readonly functionCode: number;
  /** For people. */
  readonly name: string;
  readonly request: UserMessage<Request>;
  readonly response: UserMessage<Response>;
}

/** One direction of a defined function, checked. */
export interface UserCodec<Message> {
  /** Throws BadPduError for more than 252 bytes, ERR_MODBUS_BAD_VALUE when the definition's `encode` fails. */
  encode(message: Message): UserDefined;
  /** Throws BadPduError for a request and BadResponseError for a response, and nothing else. */
  decode(message: UserDefined): Message;
  /** Bytes of data in all, undefined while more are needed, -1 when there is no such message. Never throws. */
  readonly length: ((data: Uint8Array) => number | undefined) | undefined;
}

export interface UserFunction<Request, Response> {
  readonly functionCode: number;
  readonly name: string;
  readonly request: UserCodec<Request>;
  readonly response: UserCodec<Response>;
}

/**
 * Gives a user-defined function code a meaning. Client and server share the result, which is frozen.
 * Throws ERR_MODBUS_BAD_VALUE for a function code that is not the user's. MODBUS Application Protocol V1.1b3 § 5.1
 */
export function defineFunction<Request, Response>(
  definition: UserFunctionDefinition<Request, Response>,
): UserFunction<Request, Response> {
  const { functionCode, name } = definition;
  if (!Number.isInteger(functionCode) || !isUserDefined(functionCode)) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      `function code ${functionCode} cannot be defined: 65 to 72 and 100 to 110 are left to users`,
    );
  }
  if (typeof name !== "string" || name === "") {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `function ${functionCode} needs a name`);
  }
  return Object.freeze({
    functionCode,
    name,
    request: codec("request", functionCode, name, definition.request),
    response: codec("response", functionCode, name, definition.response),
  });
}

function codec<Message>(
  direction: Direction,
  functionCode: number,
  name: string,
  meaning: UserMessage<Message>,
): UserCodec<Message> {
  const what = `${direction} of ${name} (function ${functionCode})`;
  const length = meaning.length === undefined ? undefined : checkedLength((data) => meaning.length?.(data));
  return Object.freeze<UserCodec<Message>>({
    encode(message) {
      const data = encodedData(what, meaning, message);
      if (data.length > MAX_DATA) {
        throw new BadPduError(
          3,
          `the ${what} has ${data.length} bytes behind its code, at most ${MAX_DATA} are allowed`,
        );
      }
      return { kind: "user-defined", functionCode, data };
    },
    decode(message) {
      if (message.functionCode !== functionCode) {
        refuse(direction, 1, `function code ${message.functionCode} is not that of the ${what}`);
      }
      try {
        return meaning.decode(message.data);
      } catch (error) {
        throw decodeFault(direction, what, error);
      }
    },
    length,
  });
}

function encodedData<Message>(what: string, meaning: UserMessage<Message>, message: Message): Uint8Array {
  let data: Uint8Array;
  try {
    data = meaning.encode(message);
  } catch (error) {
    if (error instanceof ModbusError) throw error;
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `the ${what} could not be encoded`, { cause: error });
  }
  if (data instanceof Uint8Array) return data;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `encoding the ${what} must give a Uint8Array`);
}

/** The definition is the user's code: what it throws becomes the error that every decoder throws. */
function decodeFault(direction: Direction, what: string, cause: unknown): ModbusError {
  const known = direction === "request" ? BadPduError : BadResponseError;
  if (cause instanceof known) return cause;
  const message = `the ${what} is malformed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return direction === "request" ? new BadPduError(3, message, { cause }) : new BadResponseError(message, { cause });
}

function checkedLength(length: (data: Uint8Array) => number | undefined): (data: Uint8Array) => number | undefined {
  return (data) => {
    try {
      const total = length(data);
      if (total === undefined) return data.length < MAX_DATA ? undefined : -1;
      return Number.isInteger(total) && total >= 0 && total <= MAX_DATA ? total : -1;
    } catch {
      return -1;
    }
  };
}
