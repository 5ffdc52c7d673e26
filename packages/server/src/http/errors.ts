export type ConsoleErrorCode =
  | "ERR_CONSOLE_BAD_ADDRESS"
  | "ERR_CONSOLE_NOT_LOOPBACK"
  | "ERR_CONSOLE_HOST"
  | "ERR_CONSOLE_ORIGIN"
  | "ERR_CONSOLE_METHOD"
  | "ERR_CONSOLE_TOKEN"
  | "ERR_CONSOLE_BAD_REQUEST"
  | "ERR_CONSOLE_TOO_LARGE"
  | "ERR_CONSOLE_NOT_FOUND"
  | "ERR_CONSOLE_BUSY"
  | "ERR_CONSOLE_INTERNAL";

/** Something about the console's server that cannot be as asked; `code` is stable, the sentence is not. */
export class ConsoleError extends Error {
  readonly code: ConsoleErrorCode;

  constructor(code: ConsoleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConsoleError";
    this.code = code;
  }
}

/** The body of every answer that is an error, in the shape of the command's `--json` errors. */
export interface ErrorBody {
  readonly error: { readonly code: ConsoleErrorCode; readonly message: string };
}

export function errorBody(code: ConsoleErrorCode, message: string): ErrorBody {
  return { error: { code, message } };
}
