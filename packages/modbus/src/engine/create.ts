import { BadUrlError } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import type { ClientEngine, TransactionListener } from "./client-engine.ts";
import { TransactionEngine } from "./engine.ts";

export interface ClientEngineOptions {
  /** Requests open at one time, 1 to 1024; a line has one whatever this says. */
  readonly outstanding: number;
  readonly timeoutMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly listener: TransactionListener;
  /** Takes ownership of one whole ADU. */
  readonly write: (bytes: Uint8Array) => void;
}

export function createClientEngine(framing: Framing, options: ClientEngineOptions): ClientEngine {
  if (framing === "mbap") return new TransactionEngine(options);
  throw new BadUrlError(`no client speaks ${framing} yet`);
}
