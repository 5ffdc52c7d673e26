import { ExceptionResponseError, ModbusError } from "@modwarden/protocol";

/** How a request ended, in a few words: "answered", "exception 1", or an error's code. */
export async function ending(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "answered";
  } catch (error) {
    if (error instanceof ExceptionResponseError) return `exception ${error.exception}`;
    if (error instanceof ModbusError) return error.code;
    throw error;
  }
}
