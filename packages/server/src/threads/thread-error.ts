/** An error of another thread, with its own code. */
export class ThreadError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ThreadError";
    this.code = code;
  }
}

/** The stable code of an error, or a general one. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "ERR_INTERNAL";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the operating system said, as far as it can travel between threads. */
export interface SystemCause {
  readonly code: string;
  readonly message: string;
  readonly address?: string;
  readonly port?: number;
}

/** The error of the operating system behind `error`, if it is the cause. */
export function systemCauseOf(error: unknown): SystemCause | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") return undefined;
  const { address, port } = cause as { readonly address?: string; readonly port?: number };
  return {
    code: cause.code,
    message: cause.message,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  };
}
