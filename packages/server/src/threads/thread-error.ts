/** An error of another thread, with its own code. */
export class ThreadError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
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
