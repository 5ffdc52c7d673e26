import { ModbusError } from "@modwarden/protocol";
import { checkSignal } from "../callbacks.ts";
import { AbortedError, NoConnectionError } from "../errors.ts";
import type { Link } from "./link.ts";

export interface AttemptLimits {
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How one attempt to connect ends. What comes after the first call is ignored. */
export interface Attempt {
  done(link: Link): void;
  failed(error: ModbusError): void;
}

const defaultTimeoutMs = 5000;

/** Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkAttempt({ signal, connectTimeoutMs = defaultTimeoutMs }: AttemptLimits): void {
  checkSignal(signal);
  if (typeof connectTimeoutMs === "number" && connectTimeoutMs > 0 && connectTimeoutMs <= 2_147_483_647) return;
  throw new ModbusError(
    "ERR_MODBUS_BAD_VALUE",
    `connectTimeoutMs has to be a number above 0 and at most 2147483647, not ${connectTimeoutMs}`,
  );
}

/**
 * One attempt to connect with its time limit and its signal. `begin` starts it and returns what gives it up; that is
 * called once when the attempt fails, for whatever reason.
 */
export function attempt(where: string, limits: AttemptLimits, begin: (attempt: Attempt) => () => void): Promise<Link> {
  const { signal, connectTimeoutMs = defaultTimeoutMs } = limits;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw new AbortedError(`connecting to ${where} was aborted`, { cause: signal.reason });
    let over = false;
    let giveUp: (() => void) | undefined;
    const finish = (): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const failed = (error: ModbusError): void => {
      if (over) return;
      finish();
      giveUp?.();
      reject(error);
    };
    const onAbort = (): void =>
      failed(new AbortedError(`connecting to ${where} was aborted`, { cause: signal?.reason }));
    const timer = setTimeout(
      () => failed(new NoConnectionError(`cannot connect to ${where}: no answer within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    const done = (link: Link): void => {
      if (over) return;
      finish();
      resolve(link);
    };
    try {
      giveUp = begin({ done, failed });
    } catch (error) {
      finish();
      throw error;
    }
  });
}

/** Node tries every address of a name and then throws all errors as one. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
