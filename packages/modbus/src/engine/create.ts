import type { UserFunction } from "@modwarden/protocol";
import type { Framing } from "../framing/framing.ts";
import { type LineTiming, lineTiming } from "../link/line-timing.ts";
import type { ClientEngine, TransactionListener } from "./client-engine.ts";
import { TransactionEngine } from "./engine.ts";
import { LineEngine } from "./line-engine.ts";

export interface ClientEngineOptions {
  /** Requests open at one time, 1 to 1024; a line has one whatever this says. */
  readonly outstanding: number;
  readonly timeoutMs: number;
  /** See `TransactionEngineOptions`; a line has no transaction ids. */
  readonly anyTransaction: boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly listener: TransactionListener;
  /** Takes ownership of one whole ADU. */
  readonly write: (bytes: Uint8Array) => void;
  /** The timing of a line, when its link knows it. */
  readonly line?: LineTiming | undefined;
  /** Vendors' functions that tell their length, on a line. */
  readonly functions?: readonly UserFunction<unknown, unknown>[] | undefined;
}

export function createClientEngine(framing: Framing, options: ClientEngineOptions): ClientEngine {
  if (framing === "mbap") return new TransactionEngine(options);
  const { line = lineTiming(framing, undefined), functions = [] } = options;
  return new LineEngine({ ...options, framing, line, functions });
}
