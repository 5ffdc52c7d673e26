import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { z } from "zod";

/** How far a receiver has got a log. */
export interface Position {
  /** Id of the log. */
  readonly log: string;
  /** The first record that it may not have. */
  readonly next: number;
}

const schema = z.strictObject({ version: z.literal(1), log: z.string(), next: z.int().nonnegative() });

/** Undefined where there is none, or what is there is no position: the feed then begins as it does the first time. */
export function readPosition(file: string): Position | undefined {
  try {
    const { log, next } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
    return { log, next };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Keeps it for good: a crash leaves this one or the one before. */
export function writePosition(file: string, { log, next }: Position): void {
  const beside = `${file}.new`;
  const fd = openSync(beside, "w", 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ version: 1, log, next })}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, file);
}
